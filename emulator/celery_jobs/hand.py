"""Hands due jobs to Celery's workers and runs them when a worker asks, never twice at once, whoever dies meanwhile."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from emulator.asynchronous.lanes import Deliver
from emulator.asynchronous.model import Job
from emulator.celery_jobs.broker import Address, Broker, BrokerAway
from emulator.celery_jobs.message import QUEUE, message
from emulator.clock import Clock
from emulator.options import Options

log = logging.getLogger(__name__)
LEASE_S, LEASES, SHORT_LEASE_S = 10.0, 2, 0.5
BEAT_GRACE_S = 5.0
"""How long the emulator leaves a schedule to a beat before it fires it itself."""


@dataclass(slots=True)
class _Handed:
    """A job that a worker is to ask for; `task` runs it once one has."""

    job: Job
    deliver: Deliver
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def begin(self) -> asyncio.Task[None]:
        if self.task is None:
            self.task = asyncio.ensure_future(self.deliver(self.job))
            self.begun.set()
        return self.task


class Workers:
    """Each job has a lease: a worker that does not ask within it is taken for dead, and another one is handed the job.

    After `LEASES` of them, or with Redis away, the emulator runs the job itself: nothing waits for ever. From then on
    a job waits for `SHORT_LEASE_S` only, until a worker asks again.
    """

    def __init__(self, broker: Broker, *, edge: Callable[[], str], token: str, clock: Clock) -> None:
        self._broker, self._edge, self._token, self._clock = broker, edge, token, clock
        self._handed: dict[int, _Handed] = {}
        self._origin = f"{os.getpid()}@{socket.gethostname()}"
        self._trouble = ""

    async def __call__(self, job: Job, deliver: Deliver) -> None:
        """Have a job run by a worker; returns when it is settled. See `Elsewhere`."""
        handed = self._handed[job.id] = _Handed(job, deliver)
        try:
            for lease_s in (SHORT_LEASE_S,) if self._trouble else (LEASE_S,) * LEASES:
                if not await self._publish(job) or await self._asked_for(handed, lease_s):
                    break
            else:
                self._report("no worker takes jobs, the emulator runs them itself")
            await handed.begin()
        finally:
            self._handed.pop(job.id, None)
            if handed.task is not None:
                handed.task.cancel()

    async def run(self, job_id: int) -> str:
        """Run a job for a worker; return what became of it: `settled`, `again` or `gone`.

        What is gone was run before, by this message's twin or by the emulator: the worker has nothing left to do.
        """
        handed = self._handed.get(job_id)
        if handed is None or handed.task is not None:
            return "gone"
        self._report("")
        task = handed.begin()
        await asyncio.wait({task})
        return "again" if task.cancelled() or task.exception() is not None else "settled"

    async def stop(self) -> None:
        await self._broker.stop()

    @property
    def state(self) -> dict[str, Any]:
        return {"broker": self._broker.address.shown, "handed": len(self._handed), "trouble": self._trouble or None}

    async def _publish(self, job: Job) -> bool:
        text = message(job.id, self._edge(), token=self._token, origin=self._origin)
        try:
            await self._broker.push(QUEUE, text)
        except BrokerAway as away:
            self._report(f"the broker is away, the emulator runs jobs itself: {away}")
            return False
        return True

    async def _asked_for(self, handed: _Handed, lease_s: float) -> bool:
        """Wait until a worker asks for a job, for as long as its lease."""
        waits = [asyncio.ensure_future(handed.begun.wait()), asyncio.ensure_future(self._clock.sleep(lease_s))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return handed.begun.is_set()

    def _report(self, trouble: str) -> None:
        """Log trouble when it begins or changes, not with every job."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning(trouble or "workers take jobs again")


def workers_of(options: Options, edge: Callable[[], str]) -> Workers | None:
    """Return what hands jobs to Celery, or None if the emulator is to run them itself.

    Raises:
        ValueError: the broker's URL is none of Redis.
    """
    if not options.celery_broker:
        return None
    broker = Broker(Address.of(options.celery_broker))
    return Workers(broker, edge=edge, token=options.token, clock=options.clock)
