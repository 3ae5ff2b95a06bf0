"""Queues in memory: mappings without SQS, for tests of functions. Time is the emulator's: a window, a visibility timeout.

AWS: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from typing import Any

from emulator.clock import Clock
from emulator.runtime import InvokeError
from emulator.sources.sqs import Invoke
from emulator.sources.sqs_event import Wanted, failed_in, record_of
from emulator.sources.sqs_queue import Message, Queue
from emulator.template.model import AwsResource
from emulator.template.sqs_model import SqsMapping

_BATCHES = 5
"""How many batches are in the function at once, where the mapping does not say."""


class Queues:
    """All queues of one emulator. Belongs to its event loop."""

    def __init__(
        self, mappings: Sequence[SqsMapping], resources: Iterable[AwsResource], *, invoke: Invoke, clock: Clock
    ) -> None:
        self._clock = clock
        declared = [Queue.declared(each) for each in resources if each.kind == "AWS::SQS::Queue"]
        self._queues = {queue.arn: queue for queue in declared}
        for mapping in mappings:
            self._queues.setdefault(mapping.queue, Queue(mapping.queue))
        self._readers = [Reader(each, self, invoke=invoke, clock=clock) for each in mappings]

    def start(self) -> None:
        for reader in self._readers:
            reader.start()

    async def stop(self) -> None:
        await asyncio.gather(*(reader.stop() for reader in self._readers))

    def find(self, reference: str) -> Queue:
        """Return a queue by name, ARN or URL.

        Raises:
            LookupError: the template has none of this name.
        """
        name = reference.rstrip("/").rpartition("/")[2].rpartition(":")[2]
        for queue in self._queues.values():
            if queue.name == name:
                return queue
        known = ", ".join(queue.name for queue in self._queues.values())
        raise LookupError(f"there is no queue {name}; those that there are: {known or 'none'}")

    def send(self, reference: str, message: Message) -> Message:
        """Put a message into a queue.

        Raises:
            LookupError: the template has none of this name.
        """
        queue = self.find(reference)
        queue.put(message, self._clock.now())
        return message

    def take(self, reference: str, body: str, attributes: Mapping[str, str]) -> None:
        """Take a document as a destination; a queue that the template does not have is somebody else's."""
        typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        with contextlib.suppress(LookupError):
            self.send(reference, Message(body, typed))

    @property
    def state(self) -> dict[str, Any]:
        """Describe the queues for people."""
        return {"queues": {queue.name: len(queue.messages) for queue in self._queues.values()}}

    def receive(self, queue: Queue, most: int) -> list[Message]:
        """Take messages that are visible, up to `most`; those that came back too often go to the dead-letter queue."""
        taken: list[Message] = []
        now = self._clock.now()
        for message in queue.visible(now)[:most]:
            if queue.dead_letters is not None and message.received >= queue.most_received:
                queue.messages.remove(message)
                self.send(queue.dead_letters, message.again())
            else:
                queue.hide(message, now)
                taken.append(message)
        return taken


class Reader:
    """One mapping at work. A FIFO queue has one batch at a time, which keeps its order."""

    def __init__(self, mapping: SqsMapping, queues: Queues, *, invoke: Invoke, clock: Clock) -> None:
        self._mapping, self._queues, self._invoke, self._clock = mapping, queues, invoke, clock
        self._queue = queues.find(mapping.queue)
        self._wanted = Wanted(mapping.filters)
        self._free = asyncio.Semaphore(1 if mapping.fifo else mapping.concurrency or _BATCHES)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._spawn(self._run())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._free.acquire()
            await self._ready()
            taken = self._queues.receive(self._queue, self._mapping.batch_size)
            records = {each.id: record_of(each.received_as(), self._mapping.queue) for each in taken}
            unwanted = [each for each in taken if not self._wanted(records[each.id])]
            self._queue.delete(each.id for each in unwanted)
            wanted = [records[each.id] for each in taken if each not in unwanted]
            if wanted:
                self._spawn(self._deliver(wanted))
            else:
                self._free.release()

    async def _ready(self) -> None:
        """Wait for a message, and then for a full batch or the end of the window."""
        while not self._queue.visible(self._clock.now()):
            await self._changed(self._queue.next_visible(self._clock.now()))
        until = self._clock.now() + self._mapping.window_s
        while self._clock.now() < until and len(self._queue.visible(self._clock.now())) < self._mapping.batch_size:
            await self._changed(until)

    async def _changed(self, until: float | None) -> None:
        """Wait until something comes in, or for a time of the clock."""
        self._queue.changed.clear()
        waits = [asyncio.create_task(self._queue.changed.wait())]
        if until is not None:
            sleep = self._clock.sleep(max(0.0, until - self._clock.now()))
            waits.append(asyncio.create_task(sleep))  # type: ignore[arg-type]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _deliver(self, records: list[dict[str, Any]]) -> None:
        """Hand a batch over and delete what was dealt with; the rest is visible again after its timeout."""
        payload = json.dumps({"Records": records}).encode()
        try:
            with contextlib.suppress(InvokeError):
                result = await self._invoke(self._mapping.function, payload, origin="sqs")
                if result.error is None:
                    failed = failed_in(result.payload, records, partial=self._mapping.partial)
                    self._queue.delete(each["messageId"] for each in records if each["messageId"] not in failed)
        finally:
            self._free.release()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
