"""The live stream: a WebSocket that tells what happens as it happens, and never holds it up."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emulator.console.journal import Journal
from emulator.console.ring import Entry, Line
from emulator.console.router import Asked, Refused, Route
from emulator.console.views import Views
from emulator.console.watch import Happened, Watch
from emulator.web.messages import Response
from emulator.web.websocket import Closed, Socket, Upgrade

MAX_CLIENTS = 32
_PAUSE_S = 0.1
"""Between two looks: what comes in one tenth of a second is sent at once, and bounded by what a watch holds."""
_PING_S = 20.0
_STARTED = "START RequestId: "


@dataclass(frozen=True, slots=True)
class Filter:
    """What a client wants; None is everything. Without `logs` it gets invocations, without `invocations` logs."""

    function: str | None = None
    logs: bool = True
    invocations: bool = True


class Live:
    """`GET /_emulator/live?function=&logs=&invocations=` as a WebSocket."""

    def __init__(self, journal: Journal, views: Views) -> None:
        self._journal, self._views = journal, views
        self._clients = 0

    def routes(self) -> list[Route]:
        return [("GET", "/_emulator/live", self._open)]

    async def _open(self, asked: Asked) -> Response:
        if (asked.request.header("upgrade") or "").lower() != "websocket":
            raise Refused(426, "upgrade_required", "This address answers a WebSocket.")
        if self._clients >= MAX_CLIENTS:
            raise Refused(503, "too_many_clients", f"{MAX_CLIENTS} clients watch already.")
        logs, invocations = asked.flag("logs"), asked.flag("invocations")
        wanted = Filter(asked.query.get("function") or None, logs is not False, invocations is not False)
        return Upgrade(run=lambda socket: self._serve(socket, wanted), ping_s=_PING_S)

    async def _serve(self, socket: Socket, wanted: Filter) -> None:
        """Send until the client is gone. What it sends is read, because a pong or a close is among it."""
        self._clients += 1
        sending = asyncio.create_task(self._send(socket, wanted))
        try:
            while True:
                await socket.receive()
        except Closed:
            return
        finally:
            self._clients -= 1
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, Closed):
                await sending

    async def _send(self, socket: Socket, wanted: Filter) -> None:
        with self._journal.watch() as watch:
            running = [self._views.started(each) for each in self._journal.running()]
            await socket.send(json.dumps({"type": "hello", "run": self._journal.run, "running": running}))
            while True:
                await self._batch(socket, watch, wanted)
                await asyncio.sleep(_PAUSE_S)

    async def _batch(self, socket: Socket, watch: Watch, wanted: Filter) -> None:
        happened, dropped = await watch.take()
        for each in happened:
            for message in self._messages(each, wanted):
                await socket.send(json.dumps(message))
        if dropped:
            await socket.send(json.dumps({"type": "dropped", "count": dropped}))

    def _messages(self, happened: Happened, wanted: Filter) -> Iterator[dict[str, Any]]:
        if isinstance(happened, Entry):
            if wanted.invocations and wanted.function in (None, happened.ended.function):
                yield {"type": "ended", "invocation": self._views.summary(happened)}
        elif wanted.function in (None, happened.record.function):
            if wanted.invocations and _starts(happened):
                yield {"type": "started", **self._views.started(happened.record)}
            if wanted.logs:
                yield {"type": "log", **self._views.line(happened)}


def _starts(line: Line) -> bool:
    record = line.record
    return bool(record.request_id) and record.text.startswith(_STARTED + record.request_id)
