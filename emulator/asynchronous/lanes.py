"""A lane hands out the jobs of one function, or of one destination, in the order in which they fall due."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from emulator.asynchronous.model import Job
from emulator.asynchronous.store import Store
from emulator.clock import Clock
from emulator.runtime import Stopping

log = logging.getLogger(__name__)
Deliver = Callable[[Job], Awaitable[None]]
_AGAIN_S = 1.0


class Lane:
    """At most `limit` jobs at once, none of them twice at the same time."""

    def __init__(self, name: str, limit: int, *, store: Store, clock: Clock, deliver: Deliver) -> None:
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
            try:
                await self._look()
            except sqlite3.Error as broken:
                self._store.trouble(broken)
                await asyncio.sleep(_AGAIN_S)

    async def _look(self) -> None:
        """Begin what is due, then wait for more."""
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
            await self._clock.sleep(_AGAIN_S)
        except sqlite3.Error as broken:
            self._store.trouble(broken)
            await asyncio.sleep(_AGAIN_S)
        except Exception:
            log.exception("asynchronous invoke %s could not be settled", job.request_id)
            await self._clock.sleep(_AGAIN_S)
        finally:
            self._running.pop(job.id, None)
            self.wake()
