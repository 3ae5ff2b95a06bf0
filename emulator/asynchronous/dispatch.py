"""Asynchronous invokes by Lambda's rules: stored first, retried, aged out, handed to a destination."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from emulator.asynchronous.destinations import failure_document
from emulator.asynchronous.store import Job, Store
from emulator.clock import Clock
from emulator.runtime import InvokeError, Result, Runtime, Stopping

log = logging.getLogger(__name__)
EXHAUSTED, TOO_OLD = "RetriesExhausted", "EventAgeExceeded"
_MAX_BACKOFF_S = 300.0

ToTopic = Callable[[str, bytes], Awaitable[None]]
"""Writes a document to a Kafka topic; raises if it could not."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`retry_delays_s` are the waits before the first and the second retry; the last one repeats."""

    retry_delays_s: tuple[float, ...] = (60.0, 120.0)
    concurrency: int = 32


class Asynchronous:
    """Delivers at least once: a job leaves the store only after the function answered it."""

    def __init__(
        self,
        runtime: Runtime,
        store: Store,
        *,
        clock: Clock,
        rules: Rules | None = None,
        to_topic: ToTopic | None = None,
    ) -> None:
        self._runtime, self._store, self._clock = runtime, store, clock
        self._rules = rules or Rules()
        self._to_topic = to_topic
        self._slots = asyncio.Semaphore(self._rules.concurrency)
        self._lanes: dict[str, _Lane] = {}

    async def start(self) -> None:
        """Take up what an earlier run left."""
        for name in await self._store.functions():
            if name in self._runtime.functions:
                self._wake(name)

    async def stop(self) -> None:
        """Stop handing out jobs; those in progress stay in the store and are tried again."""
        await asyncio.gather(*(lane.stop() for lane in self._lanes.values()))

    async def submit(self, reference: str, payload: bytes, request_id: str | None = None) -> str:
        """Store an event; once this returns it will be delivered. Returns its request id.

        Raises:
            UnknownFunction: there is no such function here.
        """
        name = self._runtime.function(reference).name
        request_id = request_id or str(uuid.uuid4())
        await self._store.add(request_id, name, payload, self._clock.now())
        self._wake(name)
        return request_id

    async def status(self) -> dict[str, Any]:
        return {**await self._store.counts(), "dead_letters": await self._store.dead()}

    def _wake(self, name: str) -> None:
        lane = self._lanes.get(name)
        if lane is None:
            limit = max(1, min(self._runtime.limit(name), self._rules.concurrency))
            lane = self._lanes[name] = _Lane(name, limit, store=self._store, clock=self._clock, deliver=self._deliver)
        lane.wake()

    async def _deliver(self, job: Job) -> None:
        """Try a job once and settle what becomes of it."""
        if self._clock.now() - job.accepted_at > self._max_age_s(job):
            await self._give_up(job, TOO_OLD, None)
            return
        try:
            async with self._slots:
                result = await self._runtime.invoke(job.function, job.payload, request_id=job.request_id)
        except Stopping:
            raise
        except InvokeError:
            await self._stumble(job)
            return
        if result.error is None:
            await self._store.remove(job)
        else:
            await self._failed(job, result)

    async def _stumble(self, job: Job) -> None:
        delay = min(2.0**job.stumbles, _MAX_BACKOFF_S)
        await self._later(job, delay, attempts=job.attempts, stumbles=job.stumbles + 1, result=None)

    async def _failed(self, job: Job, result: Result) -> None:
        attempts, delays = job.attempts + 1, self._rules.retry_delays_s
        if attempts > self._runtime.function(job.function).rules.max_retries:
            await self._give_up(replace(job, attempts=attempts), EXHAUSTED, result)
            return
        delay = delays[min(attempts, len(delays)) - 1] if delays else 0.0
        await self._later(job, delay, attempts=attempts, stumbles=job.stumbles, result=result)

    async def _later(self, job: Job, delay: float, *, attempts: int, stumbles: int, result: Result | None) -> None:
        due_at = self._clock.now() + delay
        if due_at - job.accepted_at > self._max_age_s(job):
            await self._give_up(replace(job, attempts=attempts), TOO_OLD, result)
        else:
            await self._store.postpone(job, due_at=due_at, attempts=attempts, stumbles=stumbles)

    async def _give_up(self, job: Job, condition: str, result: Result | None) -> None:
        destination = self._runtime.function(job.function).rules.on_failure
        reason = condition if result is None else f"{condition}: {result.payload.decode('utf-8', 'replace')[:1000]}"
        log.warning("asynchronous invoke given up", extra={"function": job.function, "request_id": job.request_id})
        if destination is not None:
            document = failure_document(
                job, condition, result, arn=self._runtime.function(job.function).arn, now=self._clock.now()
            )
            try:
                await self._hand_over(destination, document)
            except Exception as refused:
                log.exception("on-failure destination refused", extra={"destination": destination})
                reason = f"{reason}; destination {destination} refused: {refused}"
            else:
                await self._store.remove(job)
                return
        await self._store.bury(job, reason)

    async def _hand_over(self, destination: str, document: bytes) -> None:
        if destination.startswith("kafka://"):
            if self._to_topic is None:
                raise RuntimeError("no Kafka broker is configured")
            await self._to_topic(destination.removeprefix("kafka://"), document)
        else:
            await self.submit(destination, document)

    def _max_age_s(self, job: Job) -> float:
        return float(self._runtime.function(job.function).rules.max_age_s)


class _Lane:
    """The jobs of one function: as many at once as it may run, in the order in which they fall due."""

    def __init__(
        self, name: str, limit: int, *, store: Store, clock: Clock, deliver: Callable[[Job], Awaitable[None]]
    ) -> None:
        self._name, self._limit, self._store, self._clock, self._deliver = name, limit, store, clock, deliver
        self._changed = asyncio.Event()
        self._running: dict[int, asyncio.Task[None]] = {}
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        self._changed.set()

    async def stop(self) -> None:
        tasks = [self._task, *self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            now, free = self._clock.now(), self._limit - len(self._running)
            if free > 0:
                for job in await self._store.due(self._name, now, 2 * self._limit):
                    if job.id not in self._running and len(self._running) < self._limit:
                        self._running[job.id] = asyncio.create_task(self._one(job))
            await self._pause(now)

    async def _pause(self, looked_at: float) -> None:
        """Wait for a new job, a finished one, or the time at which the next one falls due.

        What fell due since `looked_at` is not waited for: a timer may end a little early.
        """
        due = await self._store.next_due(self._name, looked_at)
        waits: list[asyncio.Task[Any]] = [asyncio.create_task(self._changed.wait())]
        if due is not None:
            waits.append(asyncio.create_task(self._clock.sleep(max(0.0, due - self._clock.now()))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _one(self, job: Job) -> None:
        try:
            await self._deliver(job)
        except Stopping:
            await self._clock.sleep(1.0)
        except Exception:
            log.exception("job could not be settled", extra={"request_id": job.request_id})
            await self._clock.sleep(1.0)
        finally:
            self._running.pop(job.id, None)
            self.wake()
