"""Listens on a port and looks after the connections there."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable

from emulator.web.connection import Connection
from emulator.web.limits import Limits
from emulator.web.messages import Handler, Response, problem

_SWEEP_S = 1.0
_CUT_S = 2.0


def _too_large() -> Response:
    return problem(413, "payload_too_large", "The request body is too large.")


class Server:
    """One listening socket. `too_large` makes the answer to a body over the limit."""

    def __init__(
        self, handler: Handler, *, limits: Limits | None = None, too_large: Callable[[], Response] = _too_large
    ) -> None:
        self._handler = handler
        self._limits = limits or Limits()
        self.too_large = too_large
        self.connections: set[Connection] = set()
        self.draining = False
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> int:
        """Listen and return the port (the one chosen, when `port` is 0).

        Raises:
            OSError: the port is taken.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self, self._handler, self._limits), host, port, backlog=1024, ssl=tls
        )
        self._sweeper = loop.create_task(self._sweep())
        chosen: int = self._server.sockets[0].getsockname()[1]
        return chosen

    async def stop(self, grace_s: float = 5.0) -> None:
        """Stop listening, let answers in progress finish for `grace_s`, then cut the rest."""
        self.draining = True
        if self._server is not None:
            self._server.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        for connection in list(self.connections):
            connection.stop()
        deadline = time.monotonic() + grace_s
        while any(connection.busy for connection in self.connections) and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        if cut := {task for connection in list(self.connections) if (task := connection.abort()) is not None}:
            await asyncio.wait(cut, timeout=_CUT_S)
        if self._server is not None:
            await self._server.wait_closed()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            now = time.monotonic()
            for connection in list(self.connections):
                connection.check(now)
