"""The processes of one function: started when needed, reused, bounded, reaped when idle."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from emulator.runtime.invocation import Invocation
from emulator.runtime.process import Process
from emulator.runtime.results import Result, Stopping, Throttled
from emulator.template import Function

PATIENCE_S = 0.02
"""How long an event waits for a process that is about to be free, before another one is started."""


class Pool:
    """Queues events for the processes of a function.

    `start` begins a new process, which reports back through `ready`, `init_failed` and `gone`.
    """

    def __init__(self, function: Function, *, limit: int, start: Callable[[Pool], Process]) -> None:
        self.function = function
        self._limit = limit if function.reserved is None else function.reserved
        self._start = start
        self._processes: set[Process] = set()
        self._idle: list[Process] = []
        self._waiting: deque[Invocation] = deque()
        self._running = 0
        self._impatient: asyncio.TimerHandle | None = None
        self._stopping = False

    @property
    def size(self) -> int:
        return len(self._processes)

    @property
    def running(self) -> int:
        return self._running

    @property
    def limit(self) -> int:
        """How many events run at once at most."""
        return self._limit

    def submit(self, invocation: Invocation) -> None:
        """Run an event now or as soon as a process is free.

        Raises:
            Throttled: the reserved concurrency is used up.
            Stopping: the emulator stops.
        """
        if self._stopping:
            raise Stopping("the emulator stops")
        if self.function.reserved is not None and self._running + self._wanted() >= self._limit:
            raise Throttled(self.function.name)
        if self._idle:
            self._give(self._idle.pop(), invocation)
            return
        self._waiting.append(invocation)
        if all(not process.started for process in self._processes):
            self._grow()
        elif self._impatient is None:
            self._impatient = asyncio.get_running_loop().call_later(PATIENCE_S, self._grow)

    def ready(self, process: Process) -> None:
        while self._waiting:
            invocation = self._waiting.popleft()
            if not invocation.answer.done():
                self._give(process, invocation)
                return
        self._idle.append(process)

    def finished(self, _process: Process) -> None:
        self._running -= 1

    def init_failed(self, result: Result) -> None:
        while self._waiting:
            invocation = self._waiting.popleft()
            if not invocation.answer.done():
                invocation.resolve(result)
                return

    def gone(self, process: Process) -> None:
        self._processes.discard(process)
        if process in self._idle:
            self._idle.remove(process)
        if self._wanted() and not self._stopping:
            self._grow()

    def reap(self, idle_s: float) -> None:
        """End processes that had nothing to do for `idle_s`."""
        oldest = time.monotonic() - idle_s
        for process in [process for process in self._idle if process.idle_since < oldest]:
            self._idle.remove(process)
            process.terminate()

    def stop(self) -> None:
        """Refuse what waits and ask every process to end."""
        self._stopping = True
        for invocation in self._waiting:
            if not invocation.answer.done():
                invocation.answer.set_exception(Stopping("the emulator stops"))
        self._waiting.clear()
        for process in self._processes:
            process.terminate()

    def kill(self) -> None:
        """End at once every process that is still there."""
        for process in self._processes:
            process.kill()

    def _give(self, process: Process, invocation: Invocation) -> None:
        self._running += 1
        process.run(invocation)

    def _wanted(self) -> int:
        return sum(not invocation.answer.done() for invocation in self._waiting)

    def _grow(self) -> None:
        if self._impatient is not None:
            self._impatient.cancel()
            self._impatient = None
        starting = sum(not process.started for process in self._processes)
        missing = min(self._wanted() - starting, self._limit - len(self._processes))
        for _ in range(missing if not self._stopping else 0):
            self._processes.add(self._start(self))
