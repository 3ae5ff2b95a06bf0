"""A client without a socket, for tests in the same process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Self
from urllib.parse import urlencode

from emulator.web.messages import Request, Response
from emulator.web.websocket import NORMAL, Closed
from emulator.websocket import line
from emulator.websocket.connection import Connection
from emulator.websocket.hub import Hub
from emulator.websocket.stage import Stage


class NotOpened(Exception):
    """The API did not let the client in; `response` is what it answered."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status, response.body)
        self.response = response


class Session:
    """An open connection. Use as `async with await Session.open(hub, "/stage") as session`."""

    def __init__(self, connection: Connection, subprotocol: str | None) -> None:
        self.connection, self.subprotocol = connection, subprotocol
        self._inbox: asyncio.Queue[str | Closed] = asyncio.Queue()
        self._outbox: asyncio.Queue[str | bytes | Closed] = asyncio.Queue()
        self._closed: Closed | None = None
        self._line: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls, hub: Hub, path: str, *, headers: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None
    ) -> Self:
        """Connect.

        Raises:
            LookupError: the path names no stage, or more than one.
            NotOpened: the API refused.
        """
        stage = hub.at(path)
        if stage is None:
            raise LookupError(f"{path} names no stage of a WebSocket API")
        given = [("Host", "localhost"), *(headers or {}).items()]
        opened = await stage.open(Request("GET", path, urlencode(query or {}), given))
        if isinstance(opened, Response):
            raise NotOpened(opened)
        return cls(opened.connection, opened.subprotocol)._begin(hub, stage)

    def _begin(self, hub: Hub, stage: Stage) -> Self:
        self._line = asyncio.get_running_loop().create_task(line.serve(hub, stage, self.connection, self))
        return self

    async def say(self, message: str | bytes) -> None:
        """Send a message to the API."""
        await self._outbox.put(message)
        await asyncio.sleep(0)

    async def hear(self) -> str:
        """Return the next frame from the API.

        Raises:
            Closed: the API closed the connection.
        """
        heard = await self._inbox.get()
        if isinstance(heard, Closed):
            self._inbox.put_nowait(heard)
            raise heard
        return heard

    async def leave(self, code: int = NORMAL, reason: str = "") -> None:
        """Close the connection; return when the API has been told."""
        self.end(code, reason)
        if self._line is not None:
            await self._line

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    @property
    def closed(self) -> Closed | None:
        return self._closed

    def put(self, message: str) -> None:
        if self._closed is not None:
            raise self._closed
        self._inbox.put_nowait(message)

    async def drained(self) -> None:
        """Return at once: a test takes everything."""

    async def receive(self) -> str | bytes:
        said = await self._outbox.get()
        if isinstance(said, Closed):
            raise said
        return said

    def end(self, code: int, reason: str = "") -> None:
        if self._closed is None:
            self._closed = Closed(code, reason)
            self._inbox.put_nowait(self._closed)
            self._outbox.put_nowait(self._closed)
