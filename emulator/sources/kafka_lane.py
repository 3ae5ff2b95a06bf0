"""One partition of a mapping: batches in order, the next only after the last one is settled."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from emulator.clock import Clock
from emulator.runtime import InvokeError, Result
from emulator.sources.kafka_answer import WholeBatch, handled
from emulator.sources.kafka_batch import MAX_BATCH_BYTES, Record, take, too_large
from emulator.sources.kafka_failure import EXHAUSTED, TOO_LARGE, TOO_OLD, Loss
from emulator.template import KafkaMapping

log = logging.getLogger(__name__)
FIRST_WAIT_S, LAST_WAIT_S = 0.5, 30.0
THROTTLED_S, LAST_THROTTLED_S = 0.2, 5.0
"""Waits while the function has no room: that is no failure, and places get free quickly."""


class Host(Protocol):
    """What a lane needs around itself."""

    @property
    def clock(self) -> Clock: ...

    async def invoke(self, batch: Sequence[Record], request_id: str) -> Result:
        """Run the function; raises InvokeError when it was not run."""
        ...

    async def give_up(self, loss: Loss) -> None:
        """Hand records to the on-failure destination; raises whatever went wrong, and is asked again."""
        ...

    def commit(self, partition: int, offset: int) -> None:
        """Everything below `offset` is done."""
        ...

    def flow(self, partition: int, *, open: bool) -> None:
        """Fetch more records, or none for now."""
        ...


class Lane:
    """Delivers at least once: commits an offset only after the records below it were taken, or given up."""

    def __init__(self, mapping: KafkaMapping, partition: int, host: Host) -> None:
        self._mapping, self._partition, self._host, self._clock = mapping, partition, host, host.clock
        self._records: deque[Record] = deque()
        self._parts: deque[int] = deque()
        """How many records from the head are tried again together: what is left of a batch, or its halves."""
        self._bytes = 0
        self._next = 0
        self._open = True
        self._oldest = 0.0
        self._arrived = asyncio.Event()
        self._attempts = self._refused = self._splits = 0
        self._task = asyncio.create_task(self._run())

    @property
    def position(self) -> int:
        """Return the offset of the first record that is not done."""
        return self._records[0].offset if self._records else self._next

    @property
    def attempts(self) -> int:
        """Return how often the batch at the head failed."""
        return self._attempts + self._splits

    def put(self, records: Sequence[Record], following: int) -> None:
        """Take fetched records, in order; `following` is the offset after all that were looked at."""
        if not self._records:
            self._oldest = self._clock.now()
        self._records.extend(records)
        self._bytes += sum(record.size for record in records)
        self._next = following
        if not self._records:
            self._host.commit(self._partition, following)
        self._arrived.set()
        self._regulate()

    async def stop(self) -> None:
        """Forget what is not done; whoever has the partition next gets it again."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._turn()
            except Exception:
                log.exception("kafka batch could not be settled", extra={"mapping": self._mapping.name})
                await self._clock.sleep(FIRST_WAIT_S)

    async def _turn(self) -> None:
        batch = await self._due()
        if old := self._too_old(batch):
            await self._lose(Loss(batch[:old], TOO_OLD, self._attempts))
        elif too_large(batch[0]):
            await self._lose(Loss(batch[:1], TOO_LARGE))
        else:
            await self._try(batch)

    async def _try(self, batch: list[Record]) -> None:
        request_id = str(uuid.uuid4())
        try:
            result = await self._host.invoke(batch, request_id)
        except InvokeError:
            await self._clock.sleep(_longer(THROTTLED_S, self._refused, LAST_THROTTLED_S))
            self._refused += 1
            return
        self._refused = 0
        try:
            done, whole = self._done(result, batch), False
        except WholeBatch as failed:
            log.warning("kafka batch failed", extra={"mapping": self._mapping.name, "reason": str(failed)})
            done, whole = 0, True
        self._settle(done)
        if done < len(batch):
            await self._failed(Loss(batch[done:], EXHAUSTED, self._attempts + 1, request_id, result), whole=whole)

    def _done(self, result: Result, batch: list[Record]) -> int:
        if result.error is not None:
            raise WholeBatch(result.payload.decode("utf-8", "replace")[:500])
        return handled(result.payload, batch) if self._mapping.partial else len(batch)

    async def _due(self) -> list[Record]:
        """Wait for a batch: what is tried again at once, a full one, or what the window gathered."""
        while not (self._parts or self._full()):
            left = self._oldest + self._mapping.window_s - self._clock.now() if self._records else None
            if left is not None and left <= 0:
                break
            self._arrived.clear()
            await self._wait(left)
        size = self._parts[0] if self._parts else take(self._records, self._mapping.batch_size)
        return [self._records[index] for index in range(size)]

    async def _wait(self, seconds: float | None) -> None:
        """Wait until more arrives, or so many seconds of the clock."""
        waits = [asyncio.ensure_future(self._arrived.wait())]
        if seconds is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep(seconds)))  # type: ignore[arg-type]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _full(self) -> bool:
        return bool(self._records) and (
            len(self._records) >= self._mapping.batch_size or self._bytes >= MAX_BATCH_BYTES
        )

    def _too_old(self, batch: list[Record]) -> int:
        """Return how many records at the head are older than the mapping lets them get."""
        oldest_ms = (self._clock.now() - self._mapping.max_age_s) * 1000
        if self._mapping.max_age_s < 0 or batch[0].timestamp_ms >= oldest_ms:
            return 0
        return next((count for count, each in enumerate(batch) if each.timestamp_ms >= oldest_ms), len(batch))

    def _settle(self, count: int) -> None:
        if not count:
            return
        for _ in range(count):
            self._bytes -= self._records.popleft().size
        if self._parts:
            self._parts[0] -= count
        if not self._parts or not self._parts[0]:
            self._attempts = self._splits = 0
            if self._parts:
                self._parts.popleft()
        self._host.commit(self._partition, self.position)
        self._oldest = self._clock.now()
        self._regulate()

    async def _failed(self, loss: Loss, *, whole: bool) -> None:
        """Split the batch or try it again, after a wait, or give it up: as its mapping says.

        Splitting counts as no retry (docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html says so of the same rule).
        """
        size = len(loss.records)
        if self._parts:
            self._parts.popleft()
        if self._mapping.bisect and whole and size > 1:
            self._parts.extendleft((size // 2, size - size // 2))
            self._attempts, self._splits = 0, self._splits + 1
        else:
            self._parts.appendleft(size)
            self._attempts += 1
            if 0 <= self._mapping.retries < self._attempts:
                await self._lose(loss)
                return
        await self._clock.sleep(_longer(FIRST_WAIT_S, self.attempts - 1, LAST_WAIT_S))

    async def _lose(self, loss: Loss) -> None:
        """Give records up; they are done once the destination has them."""
        tries = 0
        while True:
            try:
                await self._host.give_up(loss)
                break
            except Exception:
                log.exception("on-failure destination refused", extra={"mapping": self._mapping.name})
                await self._clock.sleep(_longer(FIRST_WAIT_S, tries, LAST_WAIT_S))
                tries += 1
        self._settle(len(loss.records))

    def _regulate(self) -> None:
        """Stop fetching when enough is buffered, start again when half of that is gone."""
        size = self._mapping.batch_size
        enough = len(self._records) >= 4 * size or self._bytes >= 2 * MAX_BATCH_BYTES
        few = len(self._records) <= 2 * size and self._bytes <= MAX_BATCH_BYTES
        if (self._open and enough) or (not self._open and few):
            self._open = not self._open
            self._host.flow(self._partition, open=self._open)


def _longer(first: float, times: int, last: float) -> float:
    return float(min(first * 2 ** min(times, 20), last))
