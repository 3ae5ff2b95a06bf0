"""The emulator's clock: real time that can be advanced, or one that a test turns by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Time for what may be tested without waiting: retries, ages, schedules."""

    def now(self) -> float:
        """Return seconds since 1970."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds of this clock."""
        ...

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass at once: whoever slept until then wakes. Any thread may call it.

        Raises:
            ValueError: time cannot run backwards.
        """
        ...


class SystemClock:
    """Real time, ahead by what `advance` added up to. Its sleepers belong to one event loop."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sleepers: dict[asyncio.Future[None], tuple[float, asyncio.TimerHandle]] = {}

    def now(self) -> float:
        return time.time() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`. The event loop keeps one heap of timers, so a sleeper costs nothing until it wakes."""
        loop = self._loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        due = loop.time() + self._ahead + max(0.0, seconds)
        self._arm(loop, woken, due)
        try:
            await woken
        finally:
            _, timer = self._sleepers.pop(woken)
            timer.cancel()

    def advance(self, seconds: float) -> None:
        self._ahead += _forward(seconds)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rearm, self._loop)

    def _rearm(self, loop: asyncio.AbstractEventLoop) -> None:
        for woken, (due, timer) in list(self._sleepers.items()):
            timer.cancel()
            self._arm(loop, woken, due)

    def _arm(self, loop: asyncio.AbstractEventLoop, woken: asyncio.Future[None], due: float) -> None:
        """Set the timer of a sleeper. `due` counts from the loop's zero, with what was advanced."""
        self._sleepers[woken] = due, loop.call_at(due - self._ahead, _wake, woken)


class ManualClock:
    """Stands still until `advance`. Its sleepers belong to one event loop."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._lock:
            heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        await woken

    def next(self) -> float | None:
        """Return in how many seconds the next sleeper wakes, or None if nobody sleeps."""
        with self._lock:
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            return self._sleepers[0][0] - self._now if self._sleepers else None

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += _forward(seconds)
            while self._sleepers and self._sleepers[0][0] <= self._now:
                _wake_from_anywhere(heapq.heappop(self._sleepers)[2])


def _forward(seconds: float) -> float:
    if not 0.0 <= seconds < float("inf"):
        raise ValueError("a clock is advanced by 0 seconds or more")
    return seconds


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


def _wake_from_anywhere(woken: asyncio.Future[None]) -> None:
    loop = woken.get_loop()
    if loop is _running_loop():
        _wake(woken)
    elif not loop.is_closed():
        loop.call_soon_threadsafe(_wake, woken)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
