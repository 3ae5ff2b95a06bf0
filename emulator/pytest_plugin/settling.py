"""When an emulator has nothing left to do: nothing runs, nothing is due, nothing is on its way between its parts."""

from __future__ import annotations

import asyncio
import contextlib

from emulator.clock import ManualClock
from emulator.pytest_plugin.invocations import Recorder
from emulator.server import Emulator

_TURNS, _ROUNDS = 12, 2
"""How often the event loop turns before its tasks are taken to wait for something, and how often that is looked at."""
_MOST = 1000
_LOOK_S, _SHORT_S = 0.05, 0.001


class NotSettled(AssertionError):
    """Something still runs, or is due, after all the time that it had."""


class Settling:
    """Belongs to the event loop of its emulator."""

    def __init__(self, emulator: Emulator, recorder: Recorder, clock: ManualClock) -> None:
        self._emulator, self._recorder, self._clock = emulator, recorder, clock

    async def settle(self, timeout_s: float) -> None:
        """Return when nothing is left to do at this time of the clock.

        Raises:
            NotSettled: that took longer than so many real seconds.
        """
        try:
            async with asyncio.timeout(timeout_s):
                await self._settle()
        except TimeoutError:
            raise NotSettled(f"after {timeout_s:g} s {await self._left() or 'something'} is not done") from None

    async def advance(self, seconds: float, timeout_s: float) -> None:
        """Let time pass: whatever falls due on the way happens at its time, and is done before time goes on.

        Raises:
            NotSettled: what happened at one time took longer than so many real seconds.
        """
        target = self._clock.now() + seconds
        await self.settle(timeout_s)
        while (step := self._clock.next()) is not None and self._clock.now() + step <= target:
            self._clock.advance(max(0.0, step))
            await self.settle(timeout_s)
        self._clock.advance(max(0.0, target - self._clock.now()))
        await self.settle(timeout_s)

    async def _settle(self) -> None:
        calm = 0
        while calm < _ROUNDS:
            self._recorder.changed.clear()
            if self._emulator.runtime.busy:
                calm = 0
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._recorder.changed.wait(), _LOOK_S)
            elif await self._moves():
                calm = 0
            else:
                calm += 1

    async def _moves(self) -> bool:
        """Tell whether something happened, or is about to, while the loop turned a few times."""
        before = self._recorder.count
        if (left := self._clock.next()) is not None and left <= 0:
            self._clock.advance(0.0)
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        if self._emulator.runtime.busy or self._recorder.count != before:
            return True
        if await self._left():
            await asyncio.sleep(_SHORT_S)
            return True
        return False

    async def _left(self) -> str:
        """Say what is due or on its way; empty if nothing is."""
        emulator, now = self._emulator, self._clock.now()
        running = [name for name, each in emulator.runtime.status().items() if each["running"]]
        if running:
            return f"an invocation of {', '.join(running)}"
        if any(due is not None and due <= now for _, due in emulator.sources.schedules):
            return "a schedule"
        if any(each.client is not None and each.client.closed for each in emulator.sockets.hub.all()):
            return "the end of a connection"
        for lane, function, _ in await emulator.store.lanes():
            due = await emulator.store.due(lane, now, _MOST)
            if any(job.request_id not in emulator.runtime.delayed for job in due):
                return f"an asynchronous invoke of {function}"
        return ""
