"""One function process: the Runtime API as it sees it, and the life of its invocation."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any, Protocol

from emulator.runtime import results
from emulator.runtime.exchange import ACCEPTED, Exchange, refusal
from emulator.runtime.invocation import Invocation
from emulator.runtime.output import Output
from emulator.runtime.results import MAX_RESPONSE_BYTES, UNHANDLED, Result
from emulator.runtime.spawn import Child
from emulator.template import Function

INIT_S = 10.0
_WRONG_ID = refusal("403 Forbidden", "InvalidRequestID")
_TOO_LARGE = refusal("413 Payload Too Large", "RequestEntityTooLarge")


class Owner(Protocol):
    """The pool, as a process sees it."""

    def ready(self, process: Process) -> None:
        """The process waits for an event."""
        ...

    def finished(self, process: Process) -> None:
        """The process's invocation ended; it is not ready yet."""
        ...

    def init_failed(self, result: Result) -> None:
        """A process could not start: the oldest waiting invocation gets the reason."""
        ...

    def gone(self, process: Process) -> None:
        """The process has ended."""
        ...


class Process:
    """Runs one event at a time. Ends by exit, by timeout, or when the pool stops it."""

    def __init__(self, function: Function, owner: Owner, output: Output) -> None:
        self.function = function
        self.idle_since = 0.0
        self.current: Invocation | None = None
        self._owner, self._output = owner, output
        self._waiting: Exchange | None = None
        self._child: Child | None = None
        self._born = time.perf_counter()
        self._init_ms: float | None = None
        self._failed = self._doomed = False
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(INIT_S + function.timeout_s, self._init_too_slow)

    @property
    def started(self) -> bool:
        """Tell whether the handler has been loaded."""
        return self._init_ms is not None

    def spawned(self, child: Child) -> None:
        self._child = child
        if self._doomed:
            child.kill()

    def run(self, invocation: Invocation) -> None:
        """Hand over an event. The process must be ready."""
        assert self._waiting is not None, "only a ready process runs events"
        exchange, self._waiting = self._waiting, None
        self.current = invocation
        invocation.started = time.perf_counter()
        self._output.begin(invocation.request_id)
        self._output.platform(f"START RequestId: {invocation.request_id} Version: $LATEST")
        exchange.write(invocation.next_response())
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self.function.timeout_s, self._timed_out)

    def on_next(self, exchange: Exchange) -> None:
        if self._init_ms is None:
            self._timer.cancel()
            self._init_ms = (time.perf_counter() - self._born) * 1000
        self._waiting = exchange
        self.idle_since = time.monotonic()
        self._output.drain()
        self._owner.ready(self)

    def on_response(self, request_id: str, body: bytes) -> bytes:
        if self.current is None or request_id != self.current.request_id:
            return _WRONG_ID
        if len(body) > MAX_RESPONSE_BYTES:
            self._finish(lambda log: results.failed(results.too_large(), log))
            return _TOO_LARGE
        self._finish(lambda log: Result(body, None, log))
        return ACCEPTED

    def on_error(self, request_id: str, body: bytes) -> bytes:
        if self.current is None or request_id != self.current.request_id:
            return _WRONG_ID
        self._finish(lambda log: Result(body, UNHANDLED, log))
        return ACCEPTED

    def on_init_error(self, body: bytes) -> bytes:
        self._output.drain()
        self._fail_init(Result(body, UNHANDLED))
        return ACCEPTED

    def exited(self, status: int | None) -> None:
        """The child is gone. An invocation in progress ends with Lambda's words for that."""
        self._timer.cancel()
        self._output.drain()
        if self.current is not None:
            error = results.exit_error(self.current.request_id, status)
            self._finish(lambda log: results.failed(error, log))
        elif not self.started:
            self._fail_init(results.failed(results.exit_error("", status)))
        self._output.close()
        self._owner.gone(self)

    def terminate(self) -> None:
        self._doomed = True
        if self._child is not None:
            self._child.terminate()

    def kill(self) -> None:
        self._doomed = True
        if self._child is not None:
            self._child.kill()

    def _fail_init(self, result: Result) -> None:
        if not self._failed:
            self._failed = True
            self._timer.cancel()
            self._owner.init_failed(result)

    def _init_too_slow(self) -> None:
        self._fail_init(results.failed(results.timed_out("", INIT_S + self.function.timeout_s)))
        self.kill()

    def _timed_out(self) -> None:
        assert self.current is not None, "the timer belongs to an invocation"
        error = results.timed_out(self.current.request_id, self.function.timeout_s)
        self._output.drain()
        self._output.platform(f"{self.current.request_id} Task timed out after {self.function.timeout_s:.2f} seconds")
        self.kill()
        self._finish(lambda log: results.failed(error, log))

    def _finish(self, make: Any) -> None:
        invocation, self.current = self.current, None
        assert invocation is not None, "an invocation is in progress"
        self._timer.cancel()
        self._output.drain()
        duration_ms, init_ms = (time.perf_counter() - invocation.started) * 1000, self._init_ms or 0.0
        memory_mb = self._child.peak_mb() if self._child else 0
        self._report(invocation, duration_ms, init_ms=init_ms, memory_mb=memory_mb)
        result = replace(make(self._output.tail()), duration_ms=duration_ms, init_ms=init_ms, memory_mb=memory_mb)
        self._output.end()
        self._owner.finished(self)
        invocation.resolve(result)

    def _report(self, invocation: Invocation, duration_ms: float, *, init_ms: float, memory_mb: int) -> None:
        first = f"\tInit Duration: {init_ms:.2f} ms" if init_ms else ""
        if init_ms:
            self._init_ms = 0.0
        self._output.platform(f"END RequestId: {invocation.request_id}")
        self._output.platform(
            f"REPORT RequestId: {invocation.request_id}\tDuration: {duration_ms:.2f} ms\t"
            f"Billed Duration: {int(duration_ms) + 1} ms\tMemory Size: {self.function.memory_mb} MB\t"
            f"Max Memory Used: {memory_mb} MB{first}\t"
        )
