"""The thread that talks to the broker for one mapping: fetches, commits, and starts over after trouble."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from kafka.structs import OffsetAndMetadata

from emulator.sources.kafka_batch import Record
from emulator.sources.kafka_topics import BOOTSTRAP_MS, ensure_topic
from emulator.template import KafkaMapping

log = logging.getLogger(__name__)
JOIN_MS = 200
_QUICK_S, _SLOW_S = 0.005, 0.1
"""Pauses between looks at the broker. A long poll would do, but a broker that answers at once makes it spin."""
_FIRST_WAIT_S, _LAST_WAIT_S = 0.2, 5.0
_ALL = 1_000_000
"""Records of one poll: all that arrived. kafka-python 3.0.12 never looks again at a partition that was
paused while some of its fetched records were still to be handed out; fetches bound the memory."""


class Sink(Protocol):
    """Takes what the poller fetched; called in the poller's thread."""

    def records(self, partition: int, records: list[Record]) -> None: ...

    def revoked(self, partitions: Iterable[int]) -> None:
        """These partitions are somebody else's now; returns when their work is forgotten."""
        ...


Command = Callable[["KafkaConsumer"], None]


class Poller:
    """Owns a consumer. `commit` and `flow` may be called from any thread."""

    def __init__(self, mapping: KafkaMapping, bootstrap: str, *, partitions: int, sink: Sink) -> None:
        self._mapping, self._bootstrap, self._sink = mapping, bootstrap, sink
        self._partitions = partitions
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"kafka-{mapping.name}", daemon=True)
        self._pause_s = _QUICK_S
        self.state = "starting"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; it commits what is done and leaves its group."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def commit(self, partition: int, offset: int) -> None:
        place = TopicPartition(self._mapping.topic, partition)
        self._commands.put(lambda consumer: _commit(consumer, place, offset))

    def flow(self, partition: int, *, open: bool) -> None:
        place = TopicPartition(self._mapping.topic, partition)

        def change(consumer: KafkaConsumer) -> None:
            if place in consumer.assignment():
                (consumer.resume if open else consumer.pause)(place)

        self._commands.put(change)

    def _run(self) -> None:
        wait = _FIRST_WAIT_S
        while not self._stopping.is_set():
            try:
                self._session()
                wait = _FIRST_WAIT_S
            except (KafkaError, OSError, ValueError) as failed:
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
        ensure_topic(self._bootstrap, self._mapping.topic, self._partitions)
        consumer = self._consumer()
        try:
            consumer.subscribe([self._mapping.topic], listener=_Listener(consumer, self._sink))
            while not self._stopping.is_set():
                self._poll(consumer)
            self._obey(consumer)
        finally:
            with contextlib.suppress(Exception):
                self._sink.revoked([place.partition for place in consumer.assignment()])
            with contextlib.suppress(Exception):
                consumer.close(autocommit=False, timeout_ms=2000)

    def _poll(self, consumer: KafkaConsumer) -> None:
        self._obey(consumer)
        joined = bool(consumer.assignment())
        self.state = "polling" if joined else "joining"
        try:
            fetched = consumer.poll(timeout_ms=0 if joined else JOIN_MS, max_records=_ALL)
        except NoOffsetForPartitionError as fresh:
            self._begin(consumer, fresh.args[0])
            return
        except OffsetOutOfRangeError as lost:
            self._start_over(consumer, lost.args[0])
            return
        self._pause_s = _QUICK_S if fetched else min(self._pause_s * 1.5, _SLOW_S)
        if not fetched:
            self._stopping.wait(self._pause_s)
        for place, messages in fetched.items():
            self._sink.records(place.partition, [_record(message) for message in messages])

    def _begin(self, consumer: KafkaConsumer, places: Iterable[TopicPartition]) -> None:
        """Nothing is committed yet: begin where the mapping says."""
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

    def _start_over(self, consumer: KafkaConsumer, places: Iterable[TopicPartition]) -> None:
        """The position lies outside the log, as after a broker that lost its last second: read all again."""
        for place in places:
            log.warning("position is outside the log, starting over", extra={"partition": str(place)})
            self._sink.revoked([place.partition])
            consumer.resume(place)
            consumer.seek_to_beginning(place)

    def _obey(self, consumer: KafkaConsumer) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._commands.get_nowait()(consumer)

    def _consumer(self) -> KafkaConsumer:
        return KafkaConsumer(
            bootstrap_servers=self._bootstrap.split(","),
            group_id=self._mapping.group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            bootstrap_timeout_ms=BOOTSTRAP_MS,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            reconnect_backoff_max_ms=1_000,
        )


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Forgets the work on partitions that go; those that come are fetched, whatever was paused before."""

    def __init__(self, consumer: KafkaConsumer, sink: Sink) -> None:
        self._consumer, self._sink = consumer, sink

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._sink.revoked([place.partition for place in revoked])

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._consumer.resume(*assigned)


def _commit(consumer: KafkaConsumer, place: TopicPartition, offset: int) -> None:
    if place in consumer.assignment():
        consumer.commit({place: OffsetAndMetadata(offset, "", -1)}, timeout_ms=5000)


def _record(message: Any) -> Record:
    return Record(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp_ms=message.timestamp,
        log_append_time=message.timestamp_type == 1,
        key=message.key,
        value=message.value,
        headers=tuple(message.headers or ()),
    )
