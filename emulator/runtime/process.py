"""One function process: the Runtime API as it sees it, and the life of its invocation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from emulator.runtime import endings, report
from emulator.runtime.endings import Ending
from emulator.runtime.exchange import ACCEPTED, TOO_LARGE, WRONG_ID, WRONG_STATE, Exchange
from emulator.runtime.footprint import LONG_MS, Footprint
from emulator.runtime.invocation import Invocation
from emulator.runtime.memory import MB
from emulator.runtime.output import Output
from emulator.runtime.report import Used
from emulator.runtime.results import Result
from emulator.runtime.spawn import Child
from emulator.runtime.terms import Terms
from emulator.template import Function

INIT_S = 10.0
_DAY_S = 86_400.0


class Owner(Protocol):
    """The pool, as a process sees it."""

    def ready(self, process: Process) -> None:
        """The process waits for an event."""
        ...

    def finished(self, process: Process) -> None:
        """The process's invocation ended; it is not ready yet."""
        ...

    def init_failed(self, describe: Callable[[Invocation], Result]) -> None:
        """A process could not start: the oldest waiting invocation gets the reason."""
        ...

    def unreachable(self, process: Process) -> None:
        """A process that was ready is so no longer, and ends."""
        ...

    def gone(self, process: Process) -> None:
        """The process has ended."""
        ...


class Process:
    """Runs one event at a time. Ends by exit, by timeout, by its memory, or when the pool stops it.

    `doomed` is a process that ends because we want it to, `retired` one that takes no further event.
    """

    def __init__(self, function: Function, owner: Owner, output: Output, terms: Terms) -> None:
        self.function = function
        self.limit_bytes = function.memory_mb * MB
        self.idle_since = 0.0
        self.current: Invocation | None = None
        self.retired = False
        self.doomed = False
        self._owner, self._output, self._terms = owner, output, terms
        self._waiting: Exchange | None = None
        self._child: Child | None = None
        self._born = time.perf_counter()
        self._init_ms: float | None = None
        self._failed = False
        self._last = ""
        self._timer = self._after(INIT_S + function.timeout_s, self._timed_out)

    @property
    def started(self) -> bool:
        """Tell whether the handler has been loaded."""
        return self._init_ms is not None

    @property
    def footprint(self) -> Footprint | None:
        return self._child.footprint if self._child else None

    def spawned(self, child: Child) -> None:
        self._child = child
        self._watch()
        if self.doomed:
            child.kill()

    def run(self, invocation: Invocation) -> None:
        """Hand over an event. The process must be ready."""
        assert self._waiting is not None, "only a ready process runs events"
        exchange, self._waiting = self._waiting, None
        self.current = invocation
        invocation.started = time.perf_counter()
        self._output.begin(invocation.request_id)
        self._output.platform(report.start(invocation.request_id, self.function.version))
        self._timer = self._after(self.function.timeout_s, self._timed_out)
        self._watch()
        exchange.write(invocation.next_response(_DAY_S if self._terms.debugged else self.function.timeout_s))

    def on_next(self, exchange: Exchange) -> None:
        if self.current is not None or self._waiting is not None:
            exchange.write(WRONG_STATE)
            return
        if self._init_ms is None:
            self._initialised()
        self._waiting = exchange
        self.idle_since = self._terms.clock.now()
        self._owner.ready(self)

    def _initialised(self) -> None:
        self._timer.cancel()
        self._terms.sampler.release(self)
        self._init_ms = _elapsed_ms(self._born)
        self._output.drain()
        if self.footprint is not None:
            self.footprint.peak(self._init_ms)

    def on_response(self, request_id: str, body: bytes | None) -> bytes:
        if (refused := self._refused(request_id)) is not None:
            return refused
        self._finish(endings.too_large() if body is None else endings.answered(body))
        return TOO_LARGE if body is None else ACCEPTED

    def on_error(self, request_id: str, body: bytes) -> bytes:
        if (refused := self._refused(request_id)) is not None:
            return refused
        self._finish(endings.raised(body))
        return ACCEPTED

    def on_init_error(self, body: bytes) -> bytes:
        if self.started:
            return WRONG_STATE
        self._fail_init(lambda _: endings.not_loaded(body))
        return ACCEPTED

    def on_lost(self, exchange: Exchange) -> None:
        """A process that hangs up while it waits cannot be given an event any more."""
        if exchange is self._waiting:
            self._waiting = None
            self._owner.unreachable(self)
            self.terminate()

    def on_out_of_memory(self) -> None:
        self._fail(endings.out_of_memory)
        self._kill()

    def exited(self, status: int | None) -> None:
        """The child is gone. An invocation in progress ends with Lambda's words for that."""
        self._timer.cancel()
        self._fail(lambda request_id: endings.exited(request_id, status))
        self._output.close()
        self._owner.gone(self)

    def terminate(self) -> None:
        """Ask the process to end, and do not take no for an answer."""
        self.doomed = True
        if self._child is not None:
            self._child.terminate(self._terms.stop_s)

    def kill(self) -> None:
        self.doomed = True
        self._kill()

    def _kill(self) -> None:
        if self._child is not None:
            self._child.kill()

    def _after(self, seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(_DAY_S if self._terms.debugged else seconds, call)

    def _watch(self) -> None:
        if not self._terms.debugged:
            self._terms.sampler.watch(self)

    def _refused(self, request_id: str) -> bytes | None:
        """Return the answer to what a process may not say now, or None if it may."""
        invocation = self.current
        if invocation is None or request_id != invocation.request_id:
            return WRONG_STATE if request_id == self._last else WRONG_ID
        ran_ms = _elapsed_ms(invocation.started)
        if ran_ms < LONG_MS or self.footprint is None or self._terms.debugged:
            return None
        if self.footprint.peak(ran_ms)[1] > self.limit_bytes:
            self.on_out_of_memory()
            return WRONG_STATE
        return None

    def _timed_out(self) -> None:
        self._kill()
        self._fail(lambda request_id: endings.timed_out(request_id, self.function.timeout_s))

    def _fail(self, describe: Callable[[str], Ending]) -> None:
        """End the invocation in progress, or the one that waits for this process to be ready."""
        if self.current is not None:
            self._finish(describe(self.current.request_id))
        elif not self.started:
            self._fail_init(describe)

    def _fail_init(self, describe: Callable[[str], Ending]) -> None:
        if self._failed:
            return
        self._failed = True
        self._timer.cancel()
        self._terms.sampler.release(self)
        self._output.drain()
        self._owner.init_failed(lambda invocation: self._closed(invocation, describe, since=self._born))

    def _closed(self, invocation: Invocation, describe: Callable[[str], Ending], *, since: float) -> Result:
        """Write the last lines of an invocation's log, and return its result."""
        if not self.started:
            self._output.request_id = invocation.request_id
            self._output.platform(report.start(invocation.request_id, self.function.version))
        ending = describe(invocation.request_id)
        duration_ms = _elapsed_ms(since)
        used = Used(
            self.function.timeout_s * 1000 if ending.status == report.TIMED_OUT else duration_ms,
            self._init_ms or 0.0,
            self._memory_mb(duration_ms, ending),
        )
        if ending.said:
            self._output.platform(ending.said)
        self._output.platform(report.end(invocation.request_id))
        self._output.platform(report.report(invocation.request_id, self.function, used, status=ending.status))
        log = self._output.tail()
        return Result(ending.payload, ending.error, log, used.duration_ms, used.init_ms, used.memory_mb)

    def _memory_mb(self, duration_ms: float, ending: Ending) -> int:
        """Return what REPORT calls Max Memory Used: never more than there is."""
        if ending.status == "Runtime.OutOfMemory":
            return self.function.memory_mb
        used = self.footprint.peak(duration_ms)[0] // MB if self.footprint else 0
        return used if self._terms.debugged else min(used, self.function.memory_mb)

    def _finish(self, ending: Ending) -> None:
        invocation, self.current = self.current, None
        assert invocation is not None, "an invocation is in progress"
        self._timer.cancel()
        self._terms.sampler.release(self)
        self._output.drain()
        self._last = invocation.request_id
        result = self._closed(invocation, lambda _: ending, since=invocation.started)
        self._init_ms = 0.0
        self._output.end()
        self._owner.finished(self)
        invocation.resolve(result)


def _elapsed_ms(since: float) -> float:
    return (time.perf_counter() - since) * 1000
