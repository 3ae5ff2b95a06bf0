"""Events that wait for a process, oldest first. What its caller gives up leaves by itself."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict

from emulator.runtime.invocation import Invocation
from emulator.runtime.results import Result


class Waiting:
    """A queue whose length is always that of the events that still want an answer."""

    def __init__(self) -> None:
        self._events: OrderedDict[asyncio.Future[Result], Invocation] = OrderedDict()

    def __len__(self) -> int:
        return len(self._events)

    @property
    def age_s(self) -> float:
        """How long the oldest event has waited, in real seconds; 0 if none waits."""
        oldest = next(iter(self._events.values()), None)
        return time.monotonic() - oldest.queued if oldest else 0.0

    def put(self, invocation: Invocation) -> None:
        invocation.queued = time.monotonic()
        self._events[invocation.answer] = invocation
        invocation.answer.add_done_callback(self._left)

    def take(self) -> Invocation | None:
        """Return the oldest event that still wants an answer."""
        while self._events:
            answer, invocation = self._events.popitem(last=False)
            if not answer.done():
                return invocation
        return None

    def refuse(self, error: Exception) -> None:
        """Answer the oldest event with an error."""
        invocation = self.take()
        if invocation is not None:
            invocation.answer.set_exception(error)

    def _left(self, answer: asyncio.Future[Result]) -> None:
        self._events.pop(answer, None)
