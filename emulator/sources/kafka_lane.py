"""One partition of a mapping: batches in order, the next only after the last one succeeded."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from emulator.runtime import InvokeError, Result
from emulator.sources.kafka_batch import MAX_BATCH_BYTES, Record, WholeBatch, event, handled, take
from emulator.template import KafkaMapping

log = logging.getLogger(__name__)
FIRST_WAIT_S, LAST_WAIT_S = 0.5, 30.0
THROTTLED_S = 0.2
"""Wait while the function has no room: that is no failure, and places get free quickly."""

Invoke = Callable[[str, bytes], Awaitable[Result]]
GiveUp = Callable[[list[Record], str], Awaitable[None]]


class Position(Protocol):
    """The consumer's side of a partition."""

    def commit(self, offset: int) -> None:
        """Everything below `offset` is done."""
        ...

    def flow(self, open: bool) -> None:
        """Fetch more records, or none for now."""
        ...


class Lane:
    """Delivers at least once: commits an offset only after the function took the records below it."""

    def __init__(
        self, mapping: KafkaMapping, bootstrap: str, *, position: Position, invoke: Invoke, give_up: GiveUp
    ) -> None:
        self._mapping, self._bootstrap, self._position = mapping, bootstrap, position
        self._invoke, self._give_up = invoke, give_up
        self._records: deque[Record] = deque()
        self._bytes = 0
        self._open = True
        self._oldest = 0.0
        self._arrived = asyncio.Event()
        self._attempts = 0
        self._size = mapping.batch_size
        self._task = asyncio.create_task(self._run())

    def put(self, records: Iterable[Record]) -> None:
        """Take fetched records, in order."""
        if not self._records:
            self._oldest = time.monotonic()
        for record in records:
            self._records.append(record)
            self._bytes += record.size
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
                await asyncio.sleep(FIRST_WAIT_S)

    async def _turn(self) -> None:
        await self._batch_is_due()
        batch = [self._records[index] for index in range(take(self._records, self._size))]
        try:
            done = await self._deliver(batch)
        except WholeBatch as failed:
            log.warning("kafka batch failed", extra={"mapping": self._mapping.name, "reason": str(failed)})
            done = 0
        self._settle(batch, done)
        if done < len(batch):
            await self._failed(batch[done:])

    async def _batch_is_due(self) -> None:
        while not self._full():
            left = self._oldest + self._mapping.window_s - time.monotonic() if self._records else None
            if left is not None and left <= 0:
                return
            self._arrived.clear()
            try:
                async with asyncio.timeout(left):
                    await self._arrived.wait()
            except TimeoutError:
                return

    def _full(self) -> bool:
        return bool(self._records) and (len(self._records) >= self._size or self._bytes >= MAX_BATCH_BYTES)

    async def _deliver(self, batch: list[Record]) -> int:
        """Run the function on a batch; return how many of its records are done."""
        result = await self._once_there_is_room(event(batch, self._bootstrap))
        if result.error is not None:
            raise WholeBatch(result.payload.decode("utf-8", "replace")[:500])
        return handled(result.payload, batch) if self._mapping.partial else len(batch)

    async def _once_there_is_room(self, payload: bytes) -> Result:
        while True:
            try:
                return await self._invoke(self._mapping.function, payload)
            except InvokeError:
                await asyncio.sleep(THROTTLED_S)

    def _settle(self, batch: list[Record], done: int) -> None:
        for record in batch[:done]:
            self._records.popleft()
            self._bytes -= record.size
        if done:
            self._position.commit(batch[done - 1].offset + 1)
            self._attempts, self._size = 0, self._mapping.batch_size
            self._oldest = time.monotonic()
            self._regulate()

    async def _failed(self, left: list[Record]) -> None:
        """Give the batch up if its mapping says so, else wait longer each time."""
        self._attempts += 1
        mapping = self._mapping
        too_often = 0 <= mapping.max_retries < self._attempts
        too_old = 0 <= mapping.max_age_s < time.time() - left[0].timestamp_ms / 1000
        if mapping.bisect and len(left) > 1:
            self._size = (len(left) + 1) // 2
        elif too_often or too_old:
            await self._give_up(left, "RetryAttemptsExhausted" if too_often else "MaximumRecordAgeExceeded")
            self._settle(left, len(left))
            return
        await asyncio.sleep(min(FIRST_WAIT_S * 2 ** (self._attempts - 1), LAST_WAIT_S))

    def _regulate(self) -> None:
        """Stop fetching when enough is buffered, start again when half of that is gone."""
        enough = len(self._records) >= 4 * self._mapping.batch_size or self._bytes >= 2 * MAX_BATCH_BYTES
        few = len(self._records) <= 2 * self._mapping.batch_size and self._bytes <= MAX_BATCH_BYTES
        if self._open and enough:
            self._open = False
            self._position.flow(False)
        elif not self._open and few:
            self._open = True
            self._position.flow(True)
