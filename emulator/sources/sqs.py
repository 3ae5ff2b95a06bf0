"""Polls a queue for a function: what it has dealt with is deleted, the rest comes back when SQS shows it again."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable
from typing import Any, Protocol

from emulator.aws.arns import Arn
from emulator.aws.clients import Aws
from emulator.clock import Clock
from emulator.runtime import InvokeError, Result
from emulator.sources.sqs_event import Wanted, failed_in, record_of
from emulator.template.sqs_model import SqsMapping

log = logging.getLogger(__name__)
_EVERY_S, _QUIET_S = 0.25, 1.0
_LIVELY = 20
"""After so many looks at an empty queue the next ones are further apart: an idle emulator should cost nothing."""
_TROUBLE_S = 2.0
_PER_CALL = 10
_BATCHES = 5
"""How many batches are in the function at once, where the mapping does not say."""
Records = list[dict[str, Any]]


class Invoke(Protocol):
    def __call__(self, reference: str, payload: bytes, *, origin: str) -> Awaitable[Result]: ...


class SqsSource:
    """One mapping at work. A FIFO queue has one batch at a time, which keeps its order."""

    def __init__(self, mapping: SqsMapping, *, aws: Aws, invoke: Invoke, clock: Clock) -> None:
        self._mapping, self._aws, self._invoke, self._clock = mapping, aws, invoke, clock
        self._wanted = Wanted(mapping.filters)
        self._free = asyncio.Semaphore(1 if mapping.fifo else mapping.concurrency or _BATCHES)
        self._batches: set[asyncio.Task[None]] = set()
        self._trouble = ""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop polling; messages that are in the function come back after their visibility timeout."""
        tasks = [self._task, *self._batches]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def state(self) -> dict[str, Any]:
        mapping = self._mapping
        found = {"mapping": mapping.name, "queue": mapping.queue, "function": mapping.function}
        return found | {"batches": len(self._batches), "trouble": self._trouble or None}

    async def _run(self) -> None:
        quiet = 0
        while True:
            await self._free.acquire()
            records: Records = []
            try:
                records = await self._batch()
                self._report("")
            except Exception as failed:  # noqa: BLE001 - whatever it is, the next look may succeed
                self._report(f"{type(failed).__name__}: {failed}")
                await asyncio.sleep(_TROUBLE_S)
            quiet = 0 if records else quiet + 1
            if records:
                task = asyncio.create_task(self._deliver(records))
                self._batches.add(task)
                task.add_done_callback(self._batches.discard)
            else:
                self._free.release()
                await asyncio.sleep(_EVERY_S if quiet < _LIVELY else _QUIET_S)

    async def _batch(self) -> Records:
        """Collect messages until the batch is full, its window over, or, without a window, until there are some."""
        records: Records = []
        until = self._clock.now() + self._mapping.window_s
        while True:
            records += await self._receive(min(_PER_CALL, self._mapping.batch_size - len(records)))
            if len(records) >= self._mapping.batch_size or not records or self._clock.now() >= until:
                return records
            await self._clock.sleep(min(_EVERY_S, max(0.0, until - self._clock.now())))

    async def _receive(self, most: int) -> Records:
        answer = await self._aws.call(
            "sqs",
            "receive_message",
            QueueUrl=await self._url(),
            MaxNumberOfMessages=most,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
            WaitTimeSeconds=0,
        )
        found = [record_of(message, self._mapping.queue) for message in answer.get("Messages") or ()]
        await self._delete([record for record in found if not self._wanted(record)])
        return [record for record in found if self._wanted(record)]

    async def _deliver(self, records: Records) -> None:
        mapping = self._mapping
        try:
            result = await self._invoke(mapping.function, json.dumps({"Records": records}).encode(), origin="sqs")
            if result.error is None:
                failed = failed_in(result.payload, records, partial=mapping.partial)
                await self._delete([record for record in records if record["messageId"] not in failed])
        except InvokeError:
            log.info("queue of %s is asked again later", mapping.name)
        except Exception:
            log.exception("messages of %s could not be deleted", mapping.name)
        finally:
            self._free.release()

    async def _delete(self, records: Records) -> None:
        for start in range(0, len(records), _PER_CALL):
            entries = [
                {"Id": str(number), "ReceiptHandle": record["receiptHandle"]}
                for number, record in enumerate(records[start : start + _PER_CALL])
            ]
            await self._aws.call("sqs", "delete_message_batch", QueueUrl=await self._url(), Entries=entries)

    async def _url(self) -> str:
        arn = Arn.of(self._mapping.queue)
        found: str = (await asyncio.to_thread(self._aws.client, "sqs")).meta.endpoint_url
        return f"{found}/{arn.account}/{arn.resource}"

    def _report(self, trouble: str) -> None:
        """Log trouble when it begins or changes, not at every look."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("queue of %s: %s", self._mapping.name, trouble or "it is read again")
