"""What the lanes ask of the consumer, taken by the poller's thread: offsets to commit, partitions to pause."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from kafka import KafkaConsumer
from kafka.structs import OffsetAndMetadata

_EVERY_S = 0.05
"""What falls due within this time is committed together."""
_TIMEOUT_MS = 5000


class Commits:
    """The newest offset of each partition counts."""

    def __init__(self) -> None:
        self._due: dict[int, int] = {}
        self._guard = threading.Lock()
        self._at = 0.0

    def put(self, partition: int, offset: int) -> None:
        with self._guard:
            self._due[partition] = offset

    def forget(self, partitions: Iterable[int]) -> None:
        with self._guard:
            for partition in partitions:
                self._due.pop(partition, None)

    def flush(self, consumer: KafkaConsumer, *, now: bool = False) -> None:
        """Commit what is due of the partitions that are the consumer's, at once or when it is time.

        Raises:
            KafkaError: the broker did not take it; it will be delivered again.
        """
        if not now and time.monotonic() - self._at < _EVERY_S:
            return
        with self._guard:
            taken, self._due = self._due, {}
        ours = {place.partition: place for place in consumer.assignment()}
        due = {ours[number]: OffsetAndMetadata(at, "", -1) for number, at in taken.items() if number in ours}
        if due:
            consumer.commit(due, timeout_ms=_TIMEOUT_MS)
            self._at = time.monotonic()


class Flows:
    """Which partitions are to be fetched. What a lane asked for is forgotten with its partition: a pause that came too
    late would stop whoever has the partition next, for good."""

    def __init__(self) -> None:
        self._wanted: dict[int, bool] = {}
        self._guard = threading.Lock()

    def put(self, partition: int, *, open: bool) -> None:
        with self._guard:
            self._wanted[partition] = open

    def forget(self, partitions: Iterable[int]) -> None:
        with self._guard:
            for partition in partitions:
                self._wanted.pop(partition, None)

    def apply(self, consumer: KafkaConsumer) -> None:
        with self._guard:
            taken, self._wanted = self._wanted, {}
        for place in consumer.assignment():
            if (open := taken.get(place.partition)) is not None:
                (consumer.resume if open else consumer.pause)(place)
