"""The thread that talks to the broker for one mapping: fetches, commits, and starts over after trouble."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Protocol

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

from emulator.sources.kafka_broker import Broker
from emulator.sources.kafka_faults import KafkaFaults
from emulator.sources.kafka_requests import Commits, Flows
from emulator.sources.kafka_topics import BOOTSTRAP_MS, ensure_topic, leave_group
from emulator.template import KafkaMapping

log = logging.getLogger(__name__)
JOIN_MS = 200
_QUICK_S, _SLOW_S, _IDLE_S = 0.005, 0.1, 0.5
_IDLE_AFTER_S = 30.0
"""Pauses between looks at the broker, the longest ones when nothing came for long: each look costs a millisecond or two.
A long poll would do, but a broker that answers at once makes it spin."""
_FIRST_WAIT_S, _LAST_WAIT_S = 0.2, 5.0
_REJOIN_S, _ENDS_S = 3.0, 2.0
"""How long joining may take, and how often the ends of the partitions are asked for, to know the lag."""
_ALL = 1_000_000
"""Records of one poll: all that arrived. kafka-python 3.0.12 never looks again at a partition that was
paused while some of its fetched records were still to be handed out; fetches bound the memory."""


class Sink(Protocol):
    """Takes what the poller fetched; called in the poller's thread."""

    def fetched(self, partition: int, messages: list[Any]) -> None:
        """Take messages of kafka-python, in order."""
        ...

    def revoked(self, partitions: Iterable[int]) -> None:
        """These partitions are somebody else's now; returns when their work is forgotten."""
        ...


class _Lost(Exception):
    """The broker is out of reach because somebody asked for it."""


class Poller:
    """Owns a consumer. `commit` and `flow` may be called from any thread."""

    def __init__(self, mapping: KafkaMapping, broker: Broker, *, sink: Sink, faults: KafkaFaults) -> None:
        self._mapping, self._broker, self._sink, self._faults = mapping, broker, sink, faults
        self._flows = Flows()
        self._commits = Commits()
        self.commit = self._commits.put
        self._ends_at, self._busy_at = 0.0, time.monotonic()
        self._stopping, self._wake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"kafka-{mapping.name}", daemon=True)
        self._pause_s = _QUICK_S
        self.state = "starting"
        self.ends: Mapping[int, int] = {}
        """The offset after the last record of each partition that is ours, a little late."""
        self.starts: dict[int, int] = {}
        """Where each of them began."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; it commits what is done and leaves its group."""
        self._stopping.set()
        self._wake.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def flow(self, partition: int, *, open: bool) -> None:
        self._flows.put(partition, open=open)
        if open:
            self._wake.set()

    def _run(self) -> None:
        wait = _FIRST_WAIT_S
        while not self._stopping.is_set():
            try:
                self._session()
                wait = _FIRST_WAIT_S
            except _Lost:
                self._report("waiting for the broker: it is lost on demand")
                self._stopping.wait(self._faults.broker_lost_s)
            except Exception as failed:  # noqa: BLE001 - whatever it is, the next attempt may succeed
                self._report(f"waiting for the broker: {failed!r}")
                self._stopping.wait(wait)
                wait = min(wait * 2, _LAST_WAIT_S)
        self.state = "stopped"

    def _report(self, state: str) -> None:
        """Log trouble when it begins or changes, not at every attempt."""
        if state != self.state:
            self.state = state
            log.warning("kafka source %s: %s", self._mapping.name, state)

    def _session(self) -> None:
        if self._faults.broker_lost_s:
            raise _Lost
        broker = self._broker
        settings = broker.settings()
        ensure_topic(broker.bootstrap, self._mapping.topic, broker.partitions, settings)
        consumer = self._consumer(settings)
        try:
            self._membership = _Membership(consumer, self._gone)
            consumer.subscribe([self._mapping.topic], listener=self._membership)
            consumer.topics()  # who joins before the partitions are known joins twice
            while not self._stopping.is_set():
                self._poll(consumer)
            self._commits.flush(consumer, now=True)
        finally:
            with contextlib.suppress(Exception):
                self._gone([place.partition for place in consumer.assignment()])
            with contextlib.suppress(Exception):
                consumer.close(autocommit=False, timeout_ms=2000)
        with contextlib.suppress(Exception):
            leave_group(broker.bootstrap, self._mapping.group, broker.member, settings)

    def _poll(self, consumer: KafkaConsumer) -> None:
        if self._faults.broker_lost_s:
            raise _Lost
        self._flows.apply(consumer)
        self._commits.flush(consumer)
        joined = self._membership.joined
        self.state = "polling" if joined else "joining"
        self._membership.check()
        try:
            fetched = consumer.poll(timeout_ms=0 if joined else JOIN_MS, max_records=_ALL)
        except NoOffsetForPartitionError as fresh:
            self._begin(consumer, fresh.args[0])
            return
        except OffsetOutOfRangeError as lost:
            self._start_over(consumer, lost.args[0])
            return
        for place, messages in fetched.items():
            self.starts.setdefault(place.partition, messages[0].offset)
            self._sink.fetched(place.partition, messages)
        self._look_at_ends(consumer)
        self._rest(quick=bool(fetched))

    def _rest(self, *, quick: bool) -> None:
        """Wait a little before the next look; longer each time that brought nothing, not at all after one that did."""
        now = time.monotonic()
        if quick:
            self._busy_at, self._pause_s = now, _QUICK_S
            return
        longest = _IDLE_S if now - self._busy_at > _IDLE_AFTER_S else _SLOW_S
        self._pause_s = min(self._pause_s * 1.5, longest)
        if self._wake.wait(self._pause_s):
            self._wake.clear()
            self._pause_s = _QUICK_S

    def _begin(self, consumer: KafkaConsumer, places: Collection[TopicPartition]) -> None:
        """Nothing is committed yet: begin where the mapping says, and remember it, so that a restart does not move it."""
        mapping = self._mapping
        for place in places:
            if mapping.start == "LATEST":
                consumer.seek_to_end(place)
            elif mapping.start == "AT_TIMESTAMP":
                moment = int((mapping.start_timestamp_s or 0) * 1000)
                found = consumer.offsets_for_times({place: moment})[place]
                consumer.seek_to_end(place) if found is None else consumer.seek(place, found.offset)
            else:
                consumer.seek_to_beginning(place)
        for place in places:
            self.starts[place.partition] = consumer.position(place)
            self.commit(place.partition, self.starts[place.partition])

    def _start_over(self, consumer: KafkaConsumer, places: Iterable[TopicPartition]) -> None:
        """The position lies outside the log, as after a broker that lost its last second: read all again."""
        for place in places:
            log.warning("position is outside the log, starting over", extra={"partition": str(place)})
            self._gone([place.partition])
            consumer.resume(place)
            consumer.seek_to_beginning(place)

    def _gone(self, partitions: list[int]) -> None:
        """Forget everything about partitions, also what was still to be committed."""
        self._sink.revoked(partitions)
        self._commits.forget(partitions)
        self._flows.forget(partitions)
        for partition in partitions:
            self.starts.pop(partition, None)

    def _look_at_ends(self, consumer: KafkaConsumer) -> None:
        now = time.monotonic()
        if now - self._ends_at >= _ENDS_S:
            found = consumer.end_offsets(list(consumer.assignment()))
            self.ends, self._ends_at = {place.partition: end for place, end in found.items()}, now
            for place in found:
                if place.partition not in self.starts and (at := consumer.position(place, 500)) is not None:
                    self.starts[place.partition] = at

    def _consumer(self, settings: Mapping[str, Any]) -> KafkaConsumer:
        return KafkaConsumer(
            bootstrap_servers=self._broker.bootstrap.split(","),
            group_id=self._mapping.group,
            group_instance_id=self._broker.member,
            enable_auto_commit=False,
            auto_offset_reset="none",
            bootstrap_timeout_ms=BOOTSTRAP_MS,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            reconnect_backoff_max_ms=1_000,
            **settings,
        )


class _Membership(ConsumerRebalanceListener):  # type: ignore[misc]
    """Forgets the work on partitions that go; those that come are fetched, whatever was paused before."""

    def __init__(self, consumer: KafkaConsumer, gone: Callable[[list[int]], None]) -> None:
        self._consumer, self._gone = consumer, gone
        self._revoked_at: float | None = None
        self.joined = False

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self.joined, self._revoked_at = False, time.monotonic()
        self._gone([place.partition for place in revoked])

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self.joined, self._revoked_at = True, None
        self._consumer.resume(*assigned)

    def check(self) -> None:
        """Raise if joining takes too long: kafka-python 3.0.12 forgets to finish it when the reason, such as a broker
        that comes back and knows no topics yet, is gone before the first poll after it began."""
        if self._revoked_at is not None and time.monotonic() - self._revoked_at > _REJOIN_S:
            raise TimeoutError("the group did not assign partitions")
