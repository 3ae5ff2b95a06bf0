"""One execution environment of a function in this process, and the life of its invocation."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from emulator.runtime import endings, inside_environment, inside_output, report
from emulator.runtime.endings import Ending
from emulator.runtime.inside_code import Handler
from emulator.runtime.inside_environment import Bytes
from emulator.runtime.inside_output import Printed
from emulator.runtime.invocation import Invocation
from emulator.runtime.logs import LogRecord
from emulator.runtime.options import RuntimeOptions
from emulator.runtime.output import TAIL_BYTES
from emulator.runtime.pool import Pool
from emulator.runtime.report import Used
from emulator.runtime.results import Result
from emulator.template import Function

if TYPE_CHECKING:
    from emulator.runtime.inside_calls import Loaded

Describe = Callable[[str], Ending]
_KILLED = -9
_TRACE = "_X_AMZN_TRACE_ID"


class Around(Protocol):
    """What a thread asks for while it runs."""

    def handler(self, function: Function) -> Handler:
        """Return a handler; raises whatever loading it raises."""
        ...

    def layer(self, function: Function) -> Bytes:
        """Return the function's variables, which it may change."""
        ...


class Thread:
    """Runs one event at a time, each in a thread. `stuck` is one whose thread was left to itself."""

    def __init__(self, pool: Pool, around: Around, options: RuntimeOptions) -> None:
        self.function = pool.function
        self.retired = self.stuck = self.started = False
        self.idle_since = 0.0
        self._owner, self._around, self._options = pool, around, options
        self._loop = asyncio.get_running_loop()
        self._handler: Handler | None = None
        self._current: Invocation | None = None
        self._doomed = self._gone = False
        self._began = time.perf_counter()
        self._init_ms = 0.0
        self._lines: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        self._printed: Printed | None = None

    def begin(self) -> None:
        """Load the handler; the pool is told when that is done."""
        self._thread(self._load)

    def run(self, invocation: Invocation) -> None:
        self._current = invocation
        self._began = time.perf_counter()
        self._lines = []
        self._say(invocation.request_id, report.start(invocation.request_id))
        self._timer = self._loop.call_later(self.function.timeout_s, self._timed_out)
        self._thread(partial(self._call, invocation))

    def terminate(self) -> None:
        """End once nothing runs."""
        self._doomed = True
        if self._current is None and self.started:
            self._loop.call_soon(self._leave)

    def kill(self) -> None:
        """Answer what runs; its thread cannot be ended."""
        self._loop.call_soon(self._abandon, lambda request_id: endings.exited(request_id, _KILLED))

    def _thread(self, work: Callable[[], None]) -> None:
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(work,), name=f"function-{self.function.name}", daemon=True).start()

    def _load(self) -> None:
        """Load the handler, in a thread."""
        from emulator.runtime.inside_calls import loaded

        self._printed = printed = Printed("", lambda line: self._back(self._line, "", line))
        with inside_environment.within(self._around.layer(self.function)), inside_output.into(printed):
            outcome = loaded(partial(self._around.handler, self.function), printed)
        self._back(self._loaded, outcome)

    def _call(self, invocation: Invocation) -> None:
        """Call the handler, in a thread."""
        from emulator.runtime.inside_calls import called

        assert self._handler is not None, "only a handler that is there is called"
        trace = inside_environment.encoded({_TRACE: invocation.trace_id})
        request_id = invocation.request_id
        self._printed = printed = Printed(request_id, lambda line: self._back(self._line, request_id, line))
        with inside_environment.within(trace, self._around.layer(self.function)), inside_output.into(printed):
            ending = called(self._handler, invocation, printed)
        self._back(self._ended, invocation, ending)

    def _back(self, call: Callable[..., None], *given: object) -> None:
        """Have the event loop call something; one that is closed wants to know nothing."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *given)

    def _loaded(self, outcome: Loaded) -> None:
        if self._gone:
            return
        self._init_ms = _elapsed_ms(self._began)
        if outcome.fail is not None:
            self._fail_init(outcome.fail)
            return
        self._handler, self.started = outcome.handler, True
        self._rest()

    def _fail_init(self, fail: Describe) -> None:
        def describe(invocation: Invocation) -> Result:
            self._say(invocation.request_id, report.start(invocation.request_id))
            return self._result(invocation, fail(invocation.request_id))

        self._owner.init_failed(describe)
        self._leave()

    def _ended(self, invocation: Invocation, ending: Ending) -> None:
        """Take the end of an event, unless it came too late."""
        if self._current is invocation and not self._gone:
            self._finish(ending)
            self._rest()

    def _rest(self) -> None:
        self.idle_since = self._options.clock.now()
        if self._doomed:
            self._leave()
        else:
            self._owner.ready(self)

    def _timed_out(self) -> None:
        self._abandon(lambda request_id: endings.timed_out(request_id, self.function.timeout_s))

    def _abandon(self, describe: Describe) -> None:
        """Leave a thread to itself."""
        if self._gone:
            return
        self.stuck = True
        if self._printed is not None:
            inside_output.drop(self._printed)
        if self._current is not None:
            self._finish(describe(self._current.request_id))
        self._leave()

    def _leave(self) -> None:
        if not self._gone:
            self._gone = True
            self._owner.gone(self)

    def _finish(self, ending: Ending) -> None:
        invocation, self._current = self._current, None
        assert invocation is not None, "an invocation is in progress"
        if self._timer is not None:
            self._timer.cancel()
        result = self._result(invocation, ending)
        self._init_ms = 0.0
        self._owner.finished(self)
        invocation.resolve(result)

    def _result(self, invocation: Invocation, ending: Ending) -> Result:
        """Write the last lines of an invocation's log, and return its result."""
        late = ending.status == report.TIMED_OUT
        used = Used(self.function.timeout_s * 1000 if late else _elapsed_ms(self._began), self._init_ms)
        last = report.report(invocation.request_id, self.function, used, status=ending.status)
        for text in filter(None, (ending.said, report.end(invocation.request_id), last)):
            self._say(invocation.request_id, text)
        log = "".join(f"{line}\n" for line in self._lines).encode("utf-8", "replace")[-TAIL_BYTES:]
        return Result(ending.payload, ending.error, log, used.duration_ms, used.init_ms)

    def _line(self, request_id: str, text: str) -> None:
        """Take a line of the handler, unless its invocation has ended."""
        current = self._current.request_id if self._current else ""
        if current == request_id and not self._gone:
            self._say(request_id, text)

    def _say(self, request_id: str, text: str) -> None:
        self._lines.append(text)
        if self._options.on_log is not None:
            self._options.on_log(LogRecord(self.function.name, request_id, time.time(), text))


def _elapsed_ms(since: float) -> float:
    return (time.perf_counter() - since) * 1000
