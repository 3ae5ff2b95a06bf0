"""What a handler answers to turn a connection into a WebSocket, and how such a socket ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.web.messages import Response

if TYPE_CHECKING:
    from emulator.web.websocket import Socket


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """What a client may send in one frame and in one message, and how much may wait on either side.

    `queued` messages wait to be received before the client is no longer read from.
    """

    frame_bytes: int = 1024 * 1024
    message_bytes: int = 1024 * 1024
    queued: int = 16


@dataclass(slots=True, kw_only=True)
class Upgrade(Response):
    """Turns the connection into a WebSocket, served by `run` for as long as it lasts.

    When `run` returns, the socket is closed (1000); when it raises, too (1011). `ping_s`: a client that was
    silent for so long is sent a ping, and after as long again without a sign of life it is cut off.
    `headers` go into the answer to the handshake; the client must have offered `subprotocol`.
    """

    status: int = 101
    run: Callable[[Socket], Awaitable[None]]
    subprotocol: str | None = None
    limits: SocketLimits = field(default_factory=SocketLimits)
    ping_s: float | None = None


class Closed(Exception):
    """The socket is closed; `code` and `reason` are those of whoever closed it, 1006 if the client vanished."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason
