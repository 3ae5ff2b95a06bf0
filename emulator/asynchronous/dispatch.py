"""Asynchronous invokes by Lambda's rules: stored first, retried, aged out, handed to destinations.

AWS: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from emulator.asynchronous import documents
from emulator.asynchronous.lanes import Deliver, Lane
from emulator.asynchronous.model import Job, New
from emulator.asynchronous.store import Store, lane_of
from emulator.aws.clients import NoDestination
from emulator.clock import Clock
from emulator.runtime import InvokeError, Result, Runtime, Stopping
from emulator.runtime.results import UnknownFunction
from emulator.template import Function
from emulator.template.model import qualifier_of

log = logging.getLogger(__name__)
MAX_BACKOFF_S = 300.0
Elsewhere = Callable[[Job, Deliver], Awaitable[None]]
"""Has a job run by somebody else, who calls back to deliver it; returns when it is settled."""


class Put(Protocol):
    """Hands a document to an AWS service or a Kafka topic; raises if it could not."""

    def __call__(
        self, destination: str, document: bytes, attributes: Mapping[str, str] | None = None
    ) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """`retry_delays_s` are the waits before the first and the second retry; the last one repeats.

    `record_tries` bounds how often a destination is asked to take a record.
    """

    retry_delays_s: tuple[float, ...] = (60.0, 120.0)
    concurrency: int = 32
    record_tries: int = 8


class Asynchronous:
    """Delivers at least once: a job leaves the store only after the function, or the destination, answered."""

    def __init__(
        self,
        runtime: Runtime,
        store: Store,
        *,
        clock: Clock,
        rules: Rules | None = None,
        put: Put | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._runtime, self._store, self._clock = runtime, store, clock
        self._rules, self._put, self._elsewhere = rules or Rules(), put, elsewhere
        self._slots = asyncio.Semaphore(self._rules.concurrency)
        self._lanes: dict[str, Lane] = {}

    async def start(self) -> None:
        """Take up what an earlier run left."""
        for _, function, destination in await self._store.lanes():
            if destination is not None or function in self._runtime.functions:
                self._wake(destination, function)

    async def stop(self) -> None:
        """Stop handing out jobs; those in progress stay in the store and are tried again."""
        await asyncio.gather(*(lane.stop() for lane in self._lanes.values()))

    async def submit(
        self,
        reference: str,
        payload: bytes,
        request_id: str | None = None,
        *,
        origin: str = "invoke",
        trace_id: str | None = None,
    ) -> str:
        """Store an event; once this returns it will be delivered. Returns its request id.

        Raises:
            UnknownFunction: there is no such function here.
        """
        new = self.new(reference, payload, request_id, origin=origin, trace_id=trace_id)
        await self._store.add(new, self._clock.now())
        self._wake(None, new.function)
        return new.request_id

    async def tick(self, rule: str, due_at: float, reference: str, payload: bytes) -> bool:
        """Store the event of a schedule's firing; False when that firing was stored before, by whomever.

        Raises:
            UnknownFunction: there is no such function here.
        """
        new = self.new(reference, payload, None, origin="schedule")
        first = await self._store.tick(rule, due_at, new, self._clock.now())
        if first:
            self._wake(None, new.function)
        return first

    def new(
        self, reference: str, payload: bytes, request_id: str | None, *, origin: str, trace_id: str | None = None
    ) -> New:
        name = self._runtime.function(reference).name
        return New(request_id or str(uuid.uuid4()), name, payload, origin, trace_id, qualifier_of(reference))

    async def redeliver(self, request_id: str) -> int:
        """Put the dead letters of a request back; return how many there were.

        An event goes to its function with all its attempts before it, a record to its destination.
        """
        found = await self._store.letters.find(request_id)
        count = await self._store.letters.revive(request_id, self._clock.now())
        for letter in found:
            if letter.destination is not None or letter.function in self._runtime.functions:
                self._wake(letter.destination, letter.function)
        return count

    async def delete(self, request_id: str) -> int:
        """Delete the dead letters of a request; return how many there were."""
        return await self._store.letters.delete(request_id)

    async def dead_letters(self, limit: int = 20, before: int | None = None) -> list[dict[str, Any]]:
        """Return a page of dead letters without their payloads, newest first."""
        letters = await self._store.letters.page(limit, before)
        return [{name: value for name, value in asdict(each).items() if name != "payload"} for each in letters]

    async def status(self) -> dict[str, Any]:
        return {**await self._store.counts(), "dead_letters": await self.dead_letters()}

    def _wake(self, destination: str | None, function: str) -> None:
        name = lane_of(destination, function)
        lane = self._lanes.get(name)
        if lane is None:
            bound = self._rules.concurrency
            limit = bound if destination is not None else max(1, min(self._runtime.limit(function), bound))
            deliver = self._hand_over if destination is not None else self._invoke
            lane = self._lanes[name] = Lane(name, limit, store=self._store, clock=self._clock, deliver=deliver)
        lane.wake()

    async def _invoke(self, job: Job) -> None:
        if self._elsewhere is None:
            await self.deliver(job)
        else:
            await self._elsewhere(job, self.deliver)

    async def deliver(self, job: Job) -> None:
        """Try an event once and settle what becomes of it."""
        function = self._runtime.function(job.function)
        if function.reserved == 0:
            await self._give_up(function, job, documents.NO_CONCURRENCY, None)
        elif self._clock.now() - job.accepted_at > function.rules.max_age_s:
            await self._give_up(function, job, documents.TOO_OLD, None)
        else:
            await self._attempt(function, job)

    async def _attempt(self, function: Function, job: Job) -> None:
        try:
            async with self._slots:
                result = await self._runtime.invoke(
                    job.reference, job.payload, request_id=job.request_id, trace_id=job.trace_id, origin=job.origin
                )
        except Stopping:
            raise
        except InvokeError:
            delay = min(2.0**job.stumbles, MAX_BACKOFF_S)
            await self._later(function, job, delay, None, stumbles=job.stumbles + 1)
            return
        tried = replace(job, attempts=job.attempts + 1)
        if result.error is None:
            now = self._clock.now()
            await self._settle(tried, documents.after_success(function, tried, result, now), now)
        else:
            await self._failed(function, tried, result)

    async def _failed(self, function: Function, job: Job, result: Result) -> None:
        delays = self._rules.retry_delays_s
        if job.attempts > function.rules.max_retries:
            await self._give_up(function, job, documents.EXHAUSTED, result)
        else:
            delay = delays[min(job.attempts, len(delays)) - 1] if delays else 0.0
            await self._later(function, job, delay, result, stumbles=0)

    async def _later(self, function: Function, job: Job, delay: float, result: Result | None, *, stumbles: int) -> None:
        """Try again after a while, unless the event would be too old by then."""
        due_at = self._clock.now() + delay
        if due_at - job.accepted_at >= function.rules.max_age_s:
            await self._give_up(function, job, documents.TOO_OLD, result)
        else:
            await self._store.postpone(job, due_at=due_at, attempts=job.attempts, stumbles=stumbles)

    async def _give_up(self, function: Function, job: Job, condition: str, result: Result | None) -> None:
        reason = condition if result is None else f"{condition}: {documents.message_of(result)}"
        now = self._clock.now()
        follow = documents.after_failure(function, job, condition, result, now)
        if follow:
            await self._settle(job, follow, now, note=reason)
        else:
            await self._store.letters.bury(job, reason, now)
        log.warning("asynchronous invoke %s of %s given up: %s", job.request_id, job.function, condition)

    async def _settle(self, job: Job, follow: list[Any], now: float, *, note: str = "") -> None:
        await self._store.settle(job, follow, now=now, note=note)
        for each in follow:
            self._wake(each.destination, job.function)

    async def _hand_over(self, job: Job) -> None:
        """Give a record to its destination; one that refuses is asked again, more and more rarely."""
        record = job.handover
        try:
            await self._send(job)
        except Stopping:
            raise
        except Exception as refused:  # noqa: BLE001 - whatever a destination does, the record must not be lost
            tries = job.stumbles + 1
            log.warning("destination %s refused, try %s: %s", record.destination, tries, refused)
            for_good = isinstance(refused, NoDestination | UnknownFunction)
            if for_good or tries >= self._rules.record_tries:
                reason = f"destination {record.destination} refused: {refused}"
                await self._store.letters.bury(job, "; ".join(filter(None, (job.note, reason))), self._clock.now())
            else:
                due_at = self._clock.now() + min(2.0**job.stumbles, MAX_BACKOFF_S)
                await self._store.postpone(job, due_at=due_at, attempts=job.attempts, stumbles=tries)
        else:
            await self._store.settle(job, now=self._clock.now())

    async def _send(self, job: Job) -> None:
        record = job.handover
        if record.destination.startswith("arn:") and ":lambda:" in record.destination:
            await self.submit(record.destination, record.document, origin="destination", trace_id=job.trace_id)
        elif self._put is None:
            raise NoDestination("nothing here reaches it")
        else:
            await self._put(record.destination, record.document, record.attributes)
