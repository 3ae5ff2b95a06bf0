"""One client connection: parses requests, hands them on one at a time, writes each answer in one piece."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from typing import TYPE_CHECKING, cast

import httptools

from emulator.web.encoding import encode
from emulator.web.handshake import accept, serve
from emulator.web.limits import Limits
from emulator.web.messages import Handler, Pairs, Request, Response, origin_form, problem
from emulator.web.websocket import GOING_AWAY, Socket, Upgrade

if TYPE_CHECKING:
    from emulator.web.server import Server

log = logging.getLogger(__name__)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LINGER_S = 2.0
_EARLY_BYTES = 64 * 1024


class Connection(asyncio.Protocol):
    """Keeps requests of one client in order; a second one waits until the first is answered."""

    __slots__ = (
        "_body", "_busy", "_closing", "_early", "_handler", "_headers", "_limits", "_parser", "_peer", "_refused", "_server",
        "_size", "_socket", "_target", "_task", "_transport", "_waiting", "reading_since", "stalled_since",
    )  # fmt: skip

    def __init__(self, server: Server, handler: Handler, limits: Limits) -> None:
        self._server, self._handler, self._limits = server, handler, limits
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._busy = self._closing = False
        self._task: asyncio.Task[None] | None = None
        self._refused: Response | None = None
        self._early: bytearray | None = None
        self._socket: Socket | None = None
        self._begin()
        self.reading_since = time.monotonic()
        self.stalled_since: float | None = None

    def _begin(self) -> None:
        self._headers: Pairs = []
        self._body: list[bytes] = []
        self._target, self._size = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if peer else "127.0.0.1"
        self._server.connections.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._closing = True
        self._waiting.clear()
        self._server.connections.discard(self)
        if self._socket is not None:
            self._socket.lost()

    def data_received(self, data: bytes) -> None:
        if self._socket is not None:
            return self._socket.feed(data)
        if self._early is not None:
            return self._keep(data)
        if self._closing:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._early = bytearray(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(self._refused or problem(400, "malformed_request", "This is not an HTTP/1.1 request."))

    def pause_writing(self) -> None:
        self.stalled_since = time.monotonic()
        if self._socket is not None:
            self._socket.writing(False)

    def resume_writing(self) -> None:
        self.stalled_since = None
        if self._socket is not None:
            self._socket.writing(True)

    def on_message_begin(self) -> None:
        self._begin()
        self.reading_since = time.monotonic()

    def on_url(self, part: bytes) -> None:
        self._target += part
        self._count(len(part))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))
        self._count(len(name) + len(value))

    def on_headers_complete(self) -> None:
        self._size = 0
        for name, value in self._headers:
            lowered = name.lower()
            if lowered == "content-length" and int(value) > self._limits.body_bytes:
                self._abandon(self._server.too_large())
            elif lowered == "expect" and value.lower() == "100-continue":
                self._transport.write(CONTINUE)

    def on_body(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limits.body_bytes:
            self._abandon(self._server.too_large())
        self._body.append(part)

    def on_message_complete(self) -> None:
        path, _, query = origin_form(self._target.decode("latin-1")).partition("?")
        request = Request(
            method=self._parser.get_method().decode("latin-1"),
            path=path,
            query=query.partition("#")[0],
            headers=self._headers,
            body=b"".join(self._body),
            source_ip=self._peer,
            protocol=f"HTTP/{self._parser.get_http_version()}",
        )
        keep = self._parser.should_keep_alive() and not self._parser.should_upgrade()
        self._begin()
        if self._busy:
            self._waiting.append((request, keep))
            if self._transport.is_reading():
                self._transport.pause_reading()
        else:
            self._start(request, keep)

    def _start(self, request: Request, keep: bool) -> None:
        self._busy = True
        self._task = asyncio.get_running_loop().create_task(self._answer(request, keep))

    async def _answer(self, request: Request, keep: bool) -> None:
        try:
            response = await self._handler(request)
        except Exception:
            log.exception("request failed", extra={"path": request.path})
            response = problem(500, "internal", "The emulator failed; its log says why.")
        answer = await self._switch(request, response) if isinstance(response, Upgrade) else response
        if answer is not None and not self._closing:
            self._write(answer, request, keep)

    async def _switch(self, request: Request, upgrade: Upgrade) -> Response | None:
        """Serve a WebSocket for as long as it lasts; return what to answer if the handshake is broken."""
        opening = accept(request, upgrade)
        if isinstance(opening, Response):
            return opening
        self._socket = socket = Socket(self._transport, upgrade)
        if self._closing:
            socket.lost()
        else:
            self._transport.write(opening)
        socket.feed(bytes(self._early or b""))
        if self._server.draining:
            socket.end(GOING_AWAY)
        await serve(socket, upgrade)
        return None

    def _write(self, response: Response, request: Request, keep: bool) -> None:
        keep = keep and not self._server.draining
        self._transport.write(encode(response, head=request.method == "HEAD", keep=keep))
        self._busy = False
        self.reading_since = time.monotonic()
        if not keep:
            self._close()
        elif self._waiting:
            following, keeps = self._waiting.popleft()
            if not self._waiting:
                self._transport.resume_reading()
            self._start(following, keeps)

    def _keep(self, data: bytes) -> None:
        """Hold back what comes before the handshake is answered."""
        assert self._early is not None
        self._early += data
        if len(self._early) > _EARLY_BYTES and self._transport.is_reading():
            self._transport.pause_reading()

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > self._limits.header_bytes:
            self._abandon(problem(431, "headers_too_large", "The request line and headers are too large."))

    def _abandon(self, response: Response) -> None:
        """Stop parsing; `data_received` answers with `response` and closes."""
        self._refused = response
        raise httptools.HttpParserError(response.status)

    def _refuse(self, response: Response) -> None:
        """Answer and close, but read on a little: a reset would overtake the answer."""
        if self._busy:
            return self._close()
        self._closing = True
        self._transport.write(encode(response, head=False, keep=False))
        asyncio.get_running_loop().call_later(_LINGER_S, self._transport.close)

    def _close(self) -> None:
        self._closing = True
        self._transport.close()

    @property
    def busy(self) -> bool:
        return self._busy

    def check(self, now: float) -> None:
        """Close what is too slow: a client that does not send, does not read, or has gone quiet."""
        limits = self._limits
        if self.stalled_since is not None and now - self.stalled_since > limits.stalled_s:
            self._transport.abort()
        if self._socket is not None:
            self._socket.check(now)
        if self._busy:
            return
        waited = now - self.reading_since
        started = bool(self._target)
        allowed = limits.idle_s if not started else limits.body_s if self._body else limits.header_s
        if waited > allowed:
            if started:
                self._refuse(problem(408, "request_timeout", "The request did not arrive in time."))
            else:
                self._close()

    def stop(self) -> None:
        """Close now if nothing is being answered; otherwise after the answer. A WebSocket is told to go away."""
        if self._socket is not None:
            self._socket.end(GOING_AWAY)
        elif not self._busy:
            self._close()

    def abort(self) -> asyncio.Task[None] | None:
        """Cut the connection; return the task that was busy with it."""
        self._transport.abort()
        if self._task is not None:
            self._task.cancel()
        return self._task
