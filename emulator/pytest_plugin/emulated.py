"""What the fixture `emulator` gives a test: events in, invocations out, and time that the test turns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from emulator.aws.remembering import Remembering, Taken
from emulator.clock import ManualClock
from emulator.pytest_plugin import durations
from emulator.pytest_plugin.events import Events
from emulator.pytest_plugin.invocations import Invocation, Recorder, answer_of, complaint, fitting
from emulator.pytest_plugin.settling import Settling
from emulator.runtime.faults import FaultTable
from emulator.runtime.inside import Threads
from emulator.server import Emulator
from emulator.testing import Reply

if TYPE_CHECKING:
    from emulator.pytest_plugin.sockets import WebSocket

T = TypeVar("T")
TIMEOUT_S = 10.0
"""Real seconds that things may take at one time of the clock. It is a bound, nothing waits for it to pass."""
_ANSWER_S = 60.0


class Emulated(Events):
    """An emulator in this process. Every method may be called from the test's thread, and returns when it is done.

    Time stands still until `advance`: retries, schedules, ages, cached authorizers and idle connections wait for it.
    """

    def __init__(self, emulator: Emulator, recorder: Recorder, clock: ManualClock) -> None:
        super().__init__(emulator, clock)
        self._recorder = recorder
        self._settling = Settling(emulator, recorder, clock)
        self._sockets: list[WebSocket] = []

    @property
    def url(self) -> str:
        """Return the address of the APIs, such as `http://127.0.0.1:41234`."""
        return f"http://127.0.0.1:{self.emulator.ports['all']}"

    @property
    def edge_url(self) -> str:
        """Return the address for AWS clients; in this process `AWS_ENDPOINT_URL` names it, too."""
        return f"http://127.0.0.1:{self.emulator.ports['edge']}"

    @property
    def now(self) -> float:
        """Return the emulator's time, in seconds since 1970."""
        return self._clock.now()

    @property
    def faults(self) -> FaultTable:
        """Return where faults of functions are set: `faults.set("name", Fault(Kind.THROTTLE, times=2))`."""
        return self.emulator.runtime.faults

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = _ANSWER_S,
    ) -> Reply:
        """Send a request to the APIs. A body that is neither text nor bytes is sent as JSON."""
        given = dict(headers or {})
        if body is not None and not isinstance(body, str | bytes):
            body = json.dumps(body)
            given = {"Content-Type": "application/json", **given}
        connection = HTTPConnection("127.0.0.1", self.emulator.ports["all"], timeout=timeout_s)
        try:
            connection.request(method.upper(), path, body, given)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read())
        finally:
            connection.close()

    def invoke(self, function: str, event: Any = None, *, client_context: Any = None) -> Any:
        """Call a function by name or ARN and return its answer.

        Raises:
            FunctionFailed: it answered with an error.
            Throttled, UnknownFunction: it was not run.
        """
        context = None if client_context is None else json.dumps(client_context)
        payload = json.dumps(event).encode()
        return answer_of(self._run(self.emulator.runtime.invoke(function, payload, client_context=context)))

    def advance(self, span: float | str) -> None:
        """Let time pass, in seconds or as `"3m"`: what falls due on the way happens, and is done on return.

        Raises:
            NotSettled: something took longer than 10 real seconds.
        """
        self._arrived()
        self._run(self._settling.advance(durations.seconds(span), TIMEOUT_S), timeout_s=None)

    def settle(self, timeout_s: float = TIMEOUT_S) -> None:
        """Return when nothing runs and nothing is due at the time that it is.

        Raises:
            NotSettled: that took longer than so many real seconds.
        """
        self._arrived()
        self._run(self._settling.settle(timeout_s), timeout_s=None)

    def invocations(self, function: str | None = None) -> list[Invocation]:
        """Return the invocations that have ended, of a function or of all, oldest first."""
        return self._recorder.all(function)

    def expect(
        self, function: str, count: int = 1, where: Callable[[Invocation], object] | None = None
    ) -> list[Invocation]:
        """Settle, then return the invocations of a function since the start of the test, or since `forget`.

        Args:
            count: How many there must be, neither more nor less.
            where: Tells which ones count.

        Raises:
            AssertionError: there are more, or fewer; it says what happened.
            NotSettled: something still runs.
        """
        __tracebackhide__ = True
        self.settle()
        found = fitting(self.invocations(function), where)
        if len(found) != count:
            wanted = f"{count} invocation{'s' if count != 1 else ''} of {function}{' that fit' if where else ''}"
            raise AssertionError(complaint(wanted, found, self.invocations()))
        return found

    def forget(self) -> None:
        """Settle and forget the invocations so far."""
        self.settle()
        self._recorder.clear()

    def delivered(self, destination: str | None = None) -> list[Taken]:
        """Settle and return what destinations got, all or one by its ARN or the end of it, oldest first."""
        self.settle()
        aws = self.emulator.sources.aws
        assert isinstance(aws, Remembering), "an emulator inside a test remembers"
        return [each for each in aws.taken if destination is None or each.destination.endswith(destination)]

    def dead_letters(self) -> list[dict[str, Any]]:
        """Settle and return the asynchronous events that were given up with nowhere to go, newest first."""
        self.settle()
        return self._run(self.emulator.sources.asynchronous.dead_letters())

    def connect(
        self, path: str = "", *, headers: Mapping[str, str] | None = None, subprotocols: Sequence[str] = ()
    ) -> WebSocket:
        """Open a WebSocket. Without a path it is that of the only stage; `/stage?name=value` is one with a query.

        Raises:
            NotConnected: the API refused.
            LookupError: there are several stages, or none.
        """
        from emulator.pytest_plugin.sockets import WebSocket

        stage, mark, query = path.partition("?")
        url = f"ws://127.0.0.1:{self.emulator.ports['all']}{stage or self._stage()}{mark}{query}"
        socket = WebSocket(url, headers=headers or {}, subprotocols=tuple(subprotocols))
        self._sockets.append(socket)
        return socket

    def module(self, function: str, name: str | None = None) -> ModuleType:
        """Return a module as a function sees it, or that of its handler: to patch what only this function has."""
        return self._threads.module(function, name)

    def cold_start(self, *functions: str) -> None:
        """Have some functions, or all, load their code anew with the next event."""
        self.settle()

        async def renew() -> None:
            runtime = self.emulator.runtime
            runtime.replace(runtime.functions, functions or tuple(runtime.functions))

        self._run(renew())

    def close(self) -> None:
        """Close the connections that are open."""
        for socket in self._sockets:
            socket.close()

    @property
    def _threads(self) -> Threads:
        maker = self.emulator.runtime.maker
        assert isinstance(maker, Threads), "an emulator inside a test has threads"
        return maker

    def _arrived(self) -> None:
        for socket in self._sockets:
            socket.arrive()

    def _stage(self) -> str:
        stages = self.emulator.sockets.hub.stages
        if len(stages) != 1:
            raise LookupError(f"a path is needed: the template has {len(stages)} stages of WebSocket APIs")
        return f"/{stages[0].stage.name}"


__all__ = ["Emulated"]
