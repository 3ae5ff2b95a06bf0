"""One Kafka mapping at work: a poller, and a lane for each of its partitions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError
from typing import Any, Protocol

from emulator.aws.keys import mapping_key
from emulator.clock import Clock
from emulator.patterns import Filters
from emulator.runtime import InvokeError, Result
from emulator.sources.kafka_batch import Origin, Record, event, record
from emulator.sources.kafka_broker import Broker
from emulator.sources.kafka_failure import Loss, single, whole
from emulator.sources.kafka_faults import KafkaFaults, Turns
from emulator.sources.kafka_lane import Lane
from emulator.sources.kafka_meter import Meter
from emulator.sources.mappings_entry import CALL_FAILED, NO_BROKER, NOTHING_YET, OK
from emulator.template import KafkaMapping

log = logging.getLogger(__name__)
_STOP_S = 5.0
_LATE_S = 5.0
"""How long a batch waits at most for one of another partition when they are to change places."""
_TOPIC, _BUCKET = "kafka://", "arn:aws:s3"


class Invoke(Protocol):
    def __call__(self, function: str, payload: bytes, /, *, request_id: str, origin: str) -> Awaitable[Result]: ...


class Put(Protocol):
    def __call__(self, destination: str, document: bytes, /, *, key: str | None = None) -> Awaitable[None]:
        """Hand a document to a destination; `key` names the object in a bucket. Raises if it was not taken."""
        ...


Write = Callable[[str, bytes, bytes | None], Awaitable[None]]
"""Writes a value with a key, or none, to a topic of the source's cluster; raises if it could not."""


class Polls(Protocol):
    """Gets records for a source; see `Poller`."""

    state: str
    starts: dict[int, int]

    @property
    def ends(self) -> Mapping[int, int]: ...

    @property
    def commit(self) -> Callable[[int, int], None]: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def join(self, seconds: float) -> None: ...

    def flow(self, partition: int, *, open: bool) -> None: ...


class KafkaSource:
    """The host of its lanes. Made in the event loop; `fetched` and `revoked` are called by the poller's thread."""

    def __init__(
        self,
        mapping: KafkaMapping,
        broker: Broker,
        *,
        invoke: Invoke,
        put: Put,
        write: Write,
        clock: Clock,
        faults: KafkaFaults | None = None,
        poller: Callable[[KafkaSource], Polls] | None = None,
    ) -> None:
        """Args: poller: Makes what gets records; without it that is a consumer of the broker."""
        self._mapping, self._origin, self.clock = mapping, Origin(broker.bootstrap, mapping.cluster), clock
        self._invoke, self._put, self._write = invoke, put, write
        self.faults = faults or KafkaFaults()
        self._filters, self._meter, self._turns = Filters(mapping.filters), Meter(), Turns()
        self._loop = asyncio.get_running_loop()
        self._lanes: dict[int, Lane] = {}
        self._poller = poller(self) if poller else self._consumer(broker)
        self._ended = threading.Event()
        self._places = asyncio.Semaphore(mapping.pollers) if mapping.pollers else contextlib.nullcontext()
        self.commit, self.flow = self._poller.commit, self._poller.flow

    def _consumer(self, broker: Broker) -> Polls:
        from emulator.sources.kafka_poller import Poller

        return Poller(self._mapping, broker, sink=self, faults=self.faults)

    def start(self) -> None:
        self._poller.start()

    async def stop(self) -> None:
        """Stop fetching, forget what is not done, commit what is, leave the group."""
        await self._drop(list(self._lanes))
        self._ended.set()
        self._poller.stop()
        await asyncio.to_thread(self._poller.join, _STOP_S)

    @property
    def result(self) -> str:
        """Return what became of the last batch, in the words of `LastProcessingResult`."""
        if self._poller.state.startswith("waiting"):
            return NO_BROKER
        if self._meter.last is None:
            return NOTHING_YET
        return OK if self._meter.last["error"] is None else CALL_FAILED

    @property
    def state(self) -> dict[str, Any]:
        """Describe the source: state of the poller, lag by partition, blocked partitions, counts."""
        ends, starts = self._poller.ends, self._poller.starts
        at = {**starts, **{number: lane.position for number, lane in self._lanes.items()}}
        lag = {str(number): max(0, end - at[number]) for number, end in sorted(ends.items()) if number in at}
        return {
            "state": self._poller.state,
            "bootstrap": self._origin.bootstrap,
            "lag": lag,
            "lag_total": sum(lag.values()),
            "blocked": sorted(number for number, lane in self._lanes.items() if lane.attempts),
            "retries": {str(number): lane.attempts for number, lane in self._lanes.items() if lane.attempts},
            **self._meter.state(self.clock.now()),
        }

    def fetched(self, partition: int, messages: list[Any]) -> None:
        """Hand messages to their lane, without those that the filters drop. Called in the poller's thread."""
        if self._ended.is_set():
            return
        wanted = [each for each in messages if self._filters.wants(each.value)] if self._filters else messages
        self._meter.filtered += len(messages) - len(wanted)
        records = [_record(each) for each in wanted]
        self._loop.call_soon_threadsafe(self.put, partition, records, messages[-1].offset + 1)

    def revoked(self, partitions: Iterable[int]) -> None:
        """Forget partitions. Called in the poller's thread; waits, so that nothing old is delivered after it."""
        if self._ended.is_set():
            return
        dropping = asyncio.run_coroutine_threadsafe(self._drop(list(partitions)), self._loop)
        with contextlib.suppress(TimeoutError, CancelledError):
            dropping.result(_STOP_S)

    def put(self, partition: int, records: Sequence[Record], following: int) -> None:
        """Give a lane its records, in the event loop."""
        if self._ended.is_set():
            return
        if partition not in self._lanes:
            self._lanes[partition] = Lane(self._mapping, partition, self)
        self._lanes[partition].put(records, following)

    async def invoke(self, batch: Sequence[Record], request_id: str) -> Result:
        """Run the function on a batch, with whatever fault is wanted around it."""
        await self._disturb(batch[0].partition)
        result = await self._once(batch, request_id)
        if result.error is None and self.faults.take_duplicate():
            result = await self._once(batch, request_id)
        self._turns.delivered(batch[0].partition)
        return result

    async def give_up(self, loss: Loss) -> None:
        """Hand lost records to the destination, if there is one."""
        destination, now = self._mapping.on_failure, self.clock.now()
        if destination is None:
            log.error("kafka records given up", extra={"mapping": self._mapping.name, "count": len(loss.records)})
        elif destination.startswith(_TOPIC):
            for each in loss.records:
                document = single(loss, each, self._origin, self._mapping.function, now=now)
                await self._write(destination.removeprefix(_TOPIC), document, each.key)
        else:
            bucket = destination.startswith(_BUCKET)
            document = whole(loss, self._origin, self._mapping.function, now=now, with_payload=bucket)
            key = mapping_key(self._mapping.uuid, loss.records[0].place, now) if bucket else None
            await self._put(destination, document, key=key)
        self._meter.given_up += len(loss.records)

    async def _once(self, batch: Sequence[Record], request_id: str) -> Result:
        function, began = self._mapping.function, self._loop.time()
        async with self._places:
            try:
                result = await self._invoke(function, event(batch, self._origin), request_id=request_id, origin="kafka")
            except InvokeError as refused:
                log.info("kafka batch waits: %r", refused)
                raise
        error = None if result.error is None else result.payload.decode("utf-8", "replace")[:200]
        self._meter.batch(batch, now=self.clock.now(), seconds=self._loop.time() - began, error=error)
        return result

    async def _disturb(self, partition: int) -> None:
        if (poison := self.faults.take_poison()) is not None:
            await self._write(self._mapping.topic, poison, None)
        if late_s := self.faults.take_late_s():
            await self.clock.sleep(late_s)
        if self.faults.take_swap():
            await self._turns.other(partition, _LATE_S)

    async def _drop(self, partitions: list[int]) -> None:
        lanes = [self._lanes.pop(partition) for partition in partitions if partition in self._lanes]
        await asyncio.gather(*(lane.stop() for lane in lanes))


def _record(message: Any) -> Record:
    return record(
        message.topic,
        message.partition,
        message.offset,
        message.timestamp,
        key=message.key,
        value=message.value,
        headers=message.headers or (),
        log_append_time=message.timestamp_type == 1,
    )
