"""Kafka topics in memory: mappings without a broker, for tests of functions.

Batches, filters, retries and destinations are those of any mapping; only where records come from is different.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.clock import Clock
from emulator.sources.kafka import Invoke, KafkaSource, Put
from emulator.sources.kafka_broker import Broker
from emulator.sources.kafka_faults import KafkaFaults
from emulator.template import KafkaMapping

Headers = Iterable[tuple[str, bytes]]
_CREATE_TIME = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A record as a consumer of Kafka returns it; `timestamp` is in milliseconds since 1970."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp_type: int = _CREATE_TIME


class Topics:
    """All topics of one emulator. Belongs to its event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: dict[tuple[str, int], list[Message]] = {}
        self._tails: set[_Tail] = set()
        self.committed: dict[tuple[str, str, int], int] = {}
        """Offsets by group, topic and partition."""

    def send(
        self, topic: str, value: bytes | None, *, key: bytes | None = None, headers: Headers = (), partition: int = 0
    ) -> int:
        """Append a record; return its offset."""
        log = self._records.setdefault((topic, partition), [])
        message = Message(topic, partition, len(log), int(self._clock.now() * 1000), key, value, tuple(headers))
        log.append(message)
        for tail in self._tails:
            tail.grown(topic, partition)
        return message.offset

    def records(self, topic: str) -> list[Message]:
        """Return what a topic holds, by partition."""
        return [message for (name, _), log in sorted(self._records.items()) if name == topic for message in log]

    def lag(self, group: str, topic: str) -> int:
        """Return how many records of a topic a group has not done."""
        partitions = [number for name, number in self._records if name == topic]
        return sum(len(self.log(topic, each)) - self.committed.get((group, topic, each), 0) for each in partitions)

    def source(self, mapping: KafkaMapping, *, invoke: Invoke, put: Put, faults: KafkaFaults) -> KafkaSource:
        """Return a mapping's source, not started yet."""

        async def write(topic: str, value: bytes, key: bytes | None) -> None:
            self.send(topic, value, key=key)

        def tail(source: KafkaSource) -> _Tail:
            return _Tail(self, mapping, source.fetched)

        broker = Broker(mapping.bootstrap)
        return KafkaSource(
            mapping, broker, invoke=invoke, put=put, write=write, clock=self._clock, faults=faults, poller=tail
        )

    def log(self, topic: str, partition: int) -> list[Message]:
        return self._records.get((topic, partition), [])

    def partitions(self, topic: str) -> list[int]:
        return [number for name, number in self._records if name == topic]

    def follow(self, tail: _Tail) -> None:
        self._tails.add(tail)

    def leave(self, tail: _Tail) -> None:
        self._tails.discard(tail)


@dataclass(eq=False)
class _Tail:
    """Follows a topic for one mapping, in a poller's place."""

    topics: Topics
    mapping: KafkaMapping
    fetched: Callable[[int, list[Any]], None]
    state: str = "starting"
    starts: dict[int, int] = field(default_factory=dict)
    _next: dict[int, int] = field(default_factory=dict)

    @property
    def ends(self) -> Mapping[int, int]:
        topic = self.mapping.topic
        return {each: len(self.topics.log(topic, each)) for each in self.topics.partitions(topic)}

    def start(self) -> None:
        self.state = "polling"
        for partition in self.topics.partitions(self.mapping.topic):
            self._begin(partition, self._first(partition))
            self.grown(self.mapping.topic, partition)
        self.topics.follow(self)

    def stop(self) -> None:
        self.state = "stopped"
        self.topics.leave(self)

    def join(self, seconds: float) -> None:
        """There is no thread to wait for."""

    def commit(self, partition: int, offset: int) -> None:
        self.topics.committed[self.mapping.group, self.mapping.topic, partition] = offset

    def flow(self, partition: int, *, open: bool) -> None:
        """Records are in memory anyway."""

    def grown(self, topic: str, partition: int) -> None:
        """Hand on what is new in a partition; one that is new itself is read from its beginning."""
        if topic != self.mapping.topic:
            return
        if partition not in self._next:
            self._begin(partition, 0)
        new = self.topics.log(topic, partition)[self._next[partition] :]
        if new:
            self._next[partition] += len(new)
            self.fetched(partition, new)

    def _begin(self, partition: int, offset: int) -> None:
        self._next[partition] = self.starts[partition] = offset
        self.commit(partition, offset)

    def _first(self, partition: int) -> int:
        """Return where to begin: where the group was, or where the mapping says."""
        mapping, log = self.mapping, self.topics.log(self.mapping.topic, partition)
        known = self.topics.committed.get((mapping.group, mapping.topic, partition))
        if known is not None:
            return known
        if mapping.start == "AT_TIMESTAMP":
            moment = (mapping.start_timestamp_s or 0) * 1000
            return next((each.offset for each in log if each.timestamp >= moment), len(log))
        return len(log) if mapping.start == "LATEST" else 0


__all__ = ["Message", "Topics"]
