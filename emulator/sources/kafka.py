"""The Kafka sources of a template: a poller for each mapping, a lane for each of its partitions."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import CancelledError
from datetime import UTC, datetime
from typing import Any

from emulator.clock import Clock
from emulator.runtime import Result
from emulator.sources.kafka_batch import Record
from emulator.sources.kafka_lane import Invoke, Lane
from emulator.sources.kafka_poller import Poller
from emulator.template import KafkaMapping, function_arn

log = logging.getLogger(__name__)
ToDestination = Callable[[str, bytes], Awaitable[None]]
_STOP_S = 5.0


class KafkaSource:
    """One mapping at work."""

    def __init__(
        self, mapping: KafkaMapping, bootstrap: str, *, partitions: int, invoke: Invoke, to: ToDestination, clock: Clock
    ) -> None:
        self._mapping, self._bootstrap, self._invoke, self._to, self._clock = mapping, bootstrap, invoke, to, clock
        self._loop = asyncio.get_running_loop()
        self._lanes: dict[int, Lane] = {}
        self._poller = Poller(mapping, bootstrap, partitions=partitions, sink=self)
        self._ended = threading.Event()
        self._places = asyncio.Semaphore(mapping.pollers) if mapping.pollers else contextlib.nullcontext()

    def start(self) -> None:
        self._poller.start()

    async def stop(self) -> None:
        """Stop fetching, forget what is not done, commit what is, leave the group."""
        await self._drop(list(self._lanes))
        self._ended.set()
        self._poller.stop()
        await asyncio.to_thread(self._poller.join, _STOP_S)

    @property
    def state(self) -> dict[str, Any]:
        mapping = self._mapping
        return {
            "mapping": mapping.name,
            "topic": mapping.topic,
            "group": mapping.group,
            "function": mapping.function,
            "state": self._poller.state,
        }

    def records(self, partition: int, records: list[Record]) -> None:
        """Called in the poller's thread."""
        if not self._ended.is_set():
            self._loop.call_soon_threadsafe(self._put, partition, records)

    def revoked(self, partitions: Iterable[int]) -> None:
        """Called in the poller's thread; waits, so that nothing old is delivered after it."""
        if self._ended.is_set():
            return
        dropping = asyncio.run_coroutine_threadsafe(self._drop(list(partitions)), self._loop)
        with contextlib.suppress(TimeoutError, CancelledError):
            dropping.result(_STOP_S)

    def _put(self, partition: int, records: list[Record]) -> None:
        if self._ended.is_set():
            return
        lane = self._lanes.get(partition)
        if lane is None:
            lane = self._lanes[partition] = Lane(
                self._mapping,
                self._bootstrap,
                position=_Position(self._poller, partition),
                invoke=self._in_place,
                give_up=self._give_up,
            )
        lane.put(records)

    async def _in_place(self, function: str, payload: bytes) -> Result:
        async with self._places:
            return await self._invoke(function, payload)

    async def _drop(self, partitions: list[int]) -> None:
        lanes = [self._lanes.pop(partition) for partition in partitions if partition in self._lanes]
        await asyncio.gather(*(lane.stop() for lane in lanes))

    async def _give_up(self, records: list[Record], condition: str) -> None:
        log.error("kafka records given up", extra={"mapping": self._mapping.name, "count": len(records)})
        if self._mapping.on_failure is not None:
            document = _failure(self._mapping, records, condition, self._bootstrap, self._clock.now())
            await self._to(self._mapping.on_failure, document)


class _Position:
    def __init__(self, poller: Poller, partition: int) -> None:
        self._poller, self._partition = poller, partition

    def commit(self, offset: int) -> None:
        self._poller.commit(self._partition, offset)

    def flow(self, open: bool) -> None:
        self._poller.flow(self._partition, open=open)


def _failure(mapping: KafkaMapping, records: list[Record], condition: str, bootstrap: str, now: float) -> bytes:
    info = {
        "firstRecordOffset": records[0].offset,
        "lastRecordOffset": records[-1].offset,
        "firstRecordTimestamp": records[0].timestamp_ms,
        "lastRecordTimestamp": records[-1].timestamp_ms,
    }
    document = {
        "version": "1.0",
        "timestamp": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "requestContext": {"functionArn": function_arn(mapping.function), "condition": condition},
        "KafkaBatchInfo": {
            "batchSize": len(records),
            "bootstrapServers": bootstrap,
            "payloadSize": sum(record.size for record in records),
            "recordsInfo": {records[0].place: info},
        },
    }
    return json.dumps(document).encode()
