"""The processes of one function: started when needed, reused, bounded, reaped when idle."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass

from emulator.runtime.invocation import Invocation
from emulator.runtime.queue import Waiting
from emulator.runtime.results import ACCOUNT_LIMIT, Result, Stopping, Throttled
from emulator.runtime.workers import Worker
from emulator.template import Function

PATIENCE_S = 0.02
"""How long an event waits for a process that is about to be free, before another one is started."""
_CROWDED_S = 1.0
"""How long an event waits once a function has all the processes that it is meant to have."""
_STARTING = 4 + 2 * (os.cpu_count() or 2)
"""So many processes of a function load their handler at once: more would only make all of them late."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many processes a function without reserved concurrency has.

    `usual` are started as soon as events wait; up to `most` one by one when an event has waited for a second,
    so that a function may call itself. Beyond that an event is throttled when it has waited `queue_s` seconds.
    """

    usual: int = 8
    most: int = 64
    queue_s: float = 20.0


class Pool:
    """Queues events for the processes of a function.

    `start` begins a new process, which reports back through `ready`, `init_failed` and `gone`.
    """

    def __init__(
        self, function: Function, *, bounds: Bounds, start: Callable[[Pool], Worker], alone: bool = False
    ) -> None:
        self.function = function
        self._bounds = bounds
        self._start = start
        self.alone = alone
        self.held = False
        self._family = [self]
        self._processes: set[Worker] = set()
        self._idle: list[Worker] = []
        self._waiting = Waiting()
        self._running = 0
        self._look: asyncio.TimerHandle | None = None
        self._closed: Exception | None = None

    @property
    def size(self) -> int:
        return len(self._processes)

    @property
    def running(self) -> int:
        return self._running

    @property
    def busy(self) -> bool:
        """Tell whether an event runs or waits."""
        return self.load > 0

    def join(self, latest: Pool) -> None:
        """Share the reserved concurrency of the function that this is a version of."""
        self._family = latest._family
        self._family.append(self)

    @property
    def load(self) -> int:
        """How many events run or wait."""
        return self._running + len(self._waiting)

    @property
    def limit(self) -> int:
        """How many events run at once, usually."""
        if self.alone:
            return 1
        return self._bounds.usual if self.function.reserved is None else self.function.reserved

    def submit(self, invocation: Invocation) -> None:
        """Run an event now or as soon as a process is free.

        Raises:
            Throttled: the reserved concurrency is used up.
            Stopping: the emulator stops.
            UnknownFunction: it was removed.
        """
        if self._closed is not None:
            raise self._closed
        reserved = self.function.reserved
        if reserved is not None and sum(each.load for each in self._family) >= reserved:
            raise Throttled(self.function.name)
        if self._idle:
            self._give(self._idle.pop(), invocation)
            return
        self._waiting.put(invocation)
        if all(not process.started for process in self._processes):
            self._grow()
        else:
            self._look_after(PATIENCE_S)

    def ready(self, process: Worker) -> None:
        if process.retired:
            process.terminate()
            return
        invocation = self._waiting.take()
        if invocation is not None:
            self._give(process, invocation)
        else:
            self._idle.append(process)
        if self._waiting:
            self._look_after(PATIENCE_S)

    def finished(self, _process: Worker) -> None:
        self._running -= 1

    def init_failed(self, describe: Callable[[Invocation], Result]) -> None:
        invocation = self._waiting.take()
        if invocation is not None:
            invocation.resolve(describe(invocation))

    def unreachable(self, process: Worker) -> None:
        if process in self._idle:
            self._idle.remove(process)

    def gone(self, process: Worker) -> None:
        self._processes.discard(process)
        self.unreachable(process)
        if self._waiting:
            self._grow()

    def reap(self, before: float) -> None:
        """End processes that have had nothing to do since `before`, unless they are held or debugged."""
        if self.held or self.alone:
            return
        for process in [process for process in self._idle if process.idle_since < before]:
            self._idle.remove(process)
            process.terminate()

    def renew(self, function: Function) -> None:
        """Run events that come from here on in new processes; what runs ends in the old ones."""
        self.function = function
        for process in self._processes:
            process.retired = True
        for process in self._idle:
            process.terminate()
        self._idle.clear()
        if self._waiting:
            self._grow()

    def close(self, refused: Exception) -> None:
        """Take no more events and refuse what waits; what runs may end."""
        self._closed = refused
        while self._waiting:
            self._waiting.refuse(refused)
        for process in self._processes:
            process.retired = True
        for process in self._idle:
            process.terminate()
        self._idle.clear()

    def stop(self) -> None:
        """Refuse what waits and ask every process to end."""
        self.close(Stopping("the emulator stops"))
        for process in self._processes:
            process.terminate()

    def kill(self) -> None:
        """End at once every process that is still there."""
        for process in self._processes:
            process.kill()

    def _give(self, process: Worker, invocation: Invocation) -> None:
        self._running += 1
        process.run(invocation)

    def _look_after(self, seconds: float) -> None:
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(seconds, self._grow)

    def _grow(self) -> None:
        """Start what is missing, and look again while events wait."""
        if self._look is not None:
            self._look.cancel()
            self._look = None
        if self._closed is not None:
            return
        starting = sum(not process.started for process in self._processes)
        missing = min(len(self._waiting) - starting, self._room(), _STARTING - starting)
        for _ in range(missing):
            self._processes.add(self._start(self))
        if self._waiting and not starting and missing <= 0:
            self._crowded()

    def _room(self) -> int:
        room = self.limit - len(self._processes)
        if room > 0 or self.alone or self.function.reserved is not None or self._waiting.age_s < _CROWDED_S:
            return room
        return min(1, self._bounds.most - len(self._processes))

    def _crowded(self) -> None:
        """Every process is busy: look again later, and refuse what has waited for too long."""
        bounded = self.function.reserved is None and not self.alone
        while bounded and self._waiting.age_s > self._bounds.queue_s:
            self._waiting.refuse(Throttled(self.function.name, ACCOUNT_LIMIT))
        self._look_after(_CROWDED_S / 2)
