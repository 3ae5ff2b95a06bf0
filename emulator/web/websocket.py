"""WebSockets: what a handler answers to change a connection into one, and the socket that it then talks through."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable

from websockets.frames import Close, Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol

from emulator.web.pieces import Pieces
from emulator.web.upgrade import Closed, SocketLimits, Upgrade

__all__ = ["Closed", "Socket", "SocketLimits", "Upgrade"]

_log = logging.getLogger(f"{__name__}.protocol")
_log.setLevel(logging.WARNING)
_CLOSE_S = 1.0
_REASON_BYTES = 123
NORMAL, GOING_AWAY, ABNORMAL, BAD_DATA, FAILED = 1000, 1001, 1006, 1007, 1011


class Socket:
    """One open WebSocket. Any task may send; one task receives. `on_heard` is called on every sign of life."""

    __slots__ = (
        "_awaited", "_closed", "_cut", "_gone", "_heard", "_messages", "_pieces", "_ping_s", "_pinged", "_protocol", "_transport",
        "_writable", "limits", "on_heard",
    )  # fmt: skip

    def __init__(self, transport: asyncio.Transport, upgrade: Upgrade) -> None:
        self._transport, self.limits = transport, upgrade.limits
        sizes = (self.limits.message_bytes, self.limits.frame_bytes)
        self._protocol = Protocol(SERVER, max_size=sizes, logger=_log)
        self._messages: deque[str | bytes] = deque()
        self._pieces = Pieces()
        self._awaited: asyncio.Future[None] | None = None
        self._writable, self._gone = asyncio.Event(), asyncio.Event()
        self._writable.set()
        self._closed: Closed | None = None
        self._cut: asyncio.TimerHandle | None = None
        self._ping_s, self._pinged = upgrade.ping_s, False
        self._heard = time.monotonic()
        self.on_heard: Callable[[], None] | None = None

    @property
    def closed(self) -> Closed | None:
        """Tell why the socket is closed, or None while it is open."""
        return self._closed

    async def receive(self) -> str | bytes:
        """Return the next message, text or binary.

        Raises:
            Closed: there is none left and there will be none.
        """
        while not self._messages:
            if self._closed is not None:
                raise self._closed
            self._awaited = asyncio.get_running_loop().create_future()
            await self._awaited
        message = self._messages.popleft()
        self._pace()
        return message

    async def send(self, message: str | bytes) -> None:
        """Send a message and return when the client keeps up.

        Raises:
            Closed: the socket is closed, or was lost before the client took this message.
        """
        self.put(message)
        await self.drained()

    def put(self, message: str | bytes) -> None:
        """Send a message, in frames of the limit's size, without waiting.

        Raises:
            Closed: the socket is closed.
        """
        if self._closed is not None:
            raise self._closed
        data, size = message.encode() if isinstance(message, str) else message, self.limits.frame_bytes
        begin = self._protocol.send_text if isinstance(message, str) else self._protocol.send_binary
        begin(data[:size], fin=len(data) <= size)
        for start in range(size, len(data), size):
            self._protocol.send_continuation(data[start : start + size], fin=start + size >= len(data))
        self._flush()

    async def drained(self) -> None:
        """Return when the client keeps up.

        Raises:
            Closed: the connection was lost before.
        """
        if not self._writable.is_set():
            await self._writable.wait()
            if self._gone.is_set():
                raise self._closed or Closed(ABNORMAL)

    async def ping(self) -> None:
        """Send a ping; the pong counts as a sign of life.

        Raises:
            Closed: the socket is closed.
        """
        if self._closed is not None:
            raise self._closed
        self._protocol.send_ping(b"")
        self._flush()

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close the socket, if it is not closed yet, and return when the client has answered or a second has passed."""
        self.end(code, reason)
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self._gone.wait()
        except TimeoutError:
            self._transport.abort()
        await self._gone.wait()

    def end(self, code: int, reason: str = "") -> None:
        """Send the close frame; whoever receives is told at once."""
        if self._closed is None:
            self._settle(code, reason)
            self._protocol.send_close(code, reason.encode()[:_REASON_BYTES].decode("utf-8", "ignore"))
            self._flush()
            self._pace()

    def feed(self, data: bytes) -> None:
        """Take bytes of the client."""
        self._heard, self._pinged = time.monotonic(), False
        if self.on_heard is not None:
            self.on_heard()
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            self._take(event)
        self._flush()
        if self._protocol.state is not OPEN and self._closed is None:
            sent = self._protocol.close_sent or Close(ABNORMAL, "")
            self._settle(sent.code, sent.reason)
        self._pace()

    def lost(self) -> None:
        """Take notice that the connection is gone."""
        self._settle(ABNORMAL, "")
        if self._cut is not None:
            self._cut.cancel()
        self._gone.set()
        self._writable.set()

    def writing(self, possible: bool) -> None:
        """Take notice that the client does not keep up, or does again."""
        if possible:
            self._writable.set()
        else:
            self._writable.clear()
        self._pace()

    def check(self, now: float) -> None:
        """Ping a silent client; cut off one that does not answer."""
        if self._ping_s is None or self._closed is not None or now - self._heard < self._ping_s:
            return
        if not self._pinged:
            self._pinged, self._heard = True, now
            self._protocol.send_ping(b"")
            self._flush()
        else:
            self._transport.abort()

    def _take(self, frame: object) -> None:
        if not isinstance(frame, Frame):
            return
        if frame.opcode is Opcode.CLOSE:
            given = self._protocol.close_rcvd or Close(ABNORMAL, "")
            self._settle(given.code, given.reason)
            return
        try:
            message = self._pieces.add(frame)
        except UnicodeDecodeError:
            self._protocol.fail(BAD_DATA, "text is not UTF-8")
            return
        if message is not None and self._closed is None:
            self._messages.append(message)
            self._wake()

    def _settle(self, code: int, reason: str) -> None:
        if self._closed is None:
            self._closed = Closed(code, reason)
            self._wake()

    def _wake(self) -> None:
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result(None)

    def _pace(self) -> None:
        """Read from the client only while it reads what it is sent and its messages are taken."""
        if self._transport.is_closing():
            return
        wanted = self._closed is not None or (self._writable.is_set() and len(self._messages) < self.limits.queued)
        if wanted and not self._transport.is_reading():
            self._transport.resume_reading()
        elif not wanted and self._transport.is_reading():
            self._transport.pause_reading()

    def _flush(self) -> None:
        """Write what the protocol wants written; its empty part ends our side, and the client's answer is awaited.

        A plain close would reset the connection under a client that still sends, and the close frame would be lost.
        """
        for data in self._protocol.data_to_send():
            if self._transport.is_closing():
                return
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                self._transport.write_eof()
                self._cut = asyncio.get_running_loop().call_later(_CLOSE_S, self._transport.abort)
            else:
                self._transport.close()
