"""A client of WebSocket APIs for tests, over a real socket."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

_WAIT_S = 5.0


class NotConnected(Exception):
    """The API did not let the client in; `status` and `body` are its answer."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status} {body.decode('utf-8', 'replace')}")
        self.status, self.body = status, body


class Disconnected(Exception):
    """The connection is closed, with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code, self.reason = code, reason


class WebSocket:
    """An open connection. Use it as a context, or close it; the fixture closes what is left."""

    def __init__(self, url: str, *, headers: Mapping[str, str], subprotocols: tuple[str, ...]) -> None:
        """Connect.

        Raises:
            NotConnected: the API refused.
        """
        offered = [Subprotocol(each) for each in subprotocols] or None
        quiet: dict[str, Any] = {"compression": None, "ping_interval": None, "proxy": None, "close_timeout": _WAIT_S}
        self._parts = contextlib.ExitStack()
        try:
            opened = connect(url, additional_headers=dict(headers), subprotocols=offered, **quiet)
            self._socket: ClientConnection = self._parts.enter_context(opened)
        except InvalidStatus as refused:
            raise NotConnected(refused.response.status_code, bytes(refused.response.body)) from refused
        self._unread = False

    @property
    def subprotocol(self) -> str | None:
        """Return what the function of `$connect` chose."""
        return self._socket.subprotocol

    @property
    def closed(self) -> tuple[int, str] | None:
        """Return code and reason if the connection is closed and everything before that was received."""
        code = self._socket.close_code
        return None if code is None else (code, self._socket.close_reason or "")

    def send(self, message: Any) -> None:
        """Send a message: text, bytes, or something that is sent as JSON.

        Raises:
            Disconnected: the connection is closed.
        """
        self._unread = True
        try:
            self._socket.send(message if isinstance(message, str | bytes) else json.dumps(message))
        except ConnectionClosed as closed:
            raise _disconnected(closed) from closed

    def receive(self, timeout_s: float = _WAIT_S) -> str:
        """Return the next message.

        Raises:
            Disconnected: the connection is closed.
            TimeoutError: none came in so many seconds.
        """
        try:
            return str(self._socket.recv(timeout=timeout_s))
        except ConnectionClosed as closed:
            raise _disconnected(closed) from closed

    def receive_json(self, timeout_s: float = _WAIT_S) -> Any:
        """Return the next message, read as JSON; raises as `receive` does."""
        return json.loads(self.receive(timeout_s))

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection; a second time does nothing."""
        self._socket.close(code, reason)
        self._parts.close()

    def arrive(self) -> None:
        """Return when the emulator has read what was sent. A pong is the proof."""
        if self._unread and self.closed is None:
            self._unread = False
            try:
                self._socket.ping().wait(_WAIT_S)
            except ConnectionClosed:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _disconnected(closed: ConnectionClosed) -> Disconnected:
    frame = closed.rcvd or closed.sent
    return Disconnected(frame.code if frame else 1006, frame.reason if frame else "")
