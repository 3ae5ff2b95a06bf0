"""The HTTP side of the Runtime API: one short-lived parser per connection of a function's process.

The only clients are awslambdaric's two (libcurl and `http.client`), which send whole requests with a
Content-Length; the parsing is as small as that allows, because each invocation passes here twice.
"""

from __future__ import annotations

import asyncio
import re
from typing import Protocol, cast

PREFIX = b"/2018-06-01/runtime/"
_BROWSER = re.compile(rb"\r\n(?:origin|sec-fetch-\w+):", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
ACCEPTED = b'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'
_MAX_BODY = 64 * 1024 * 1024


def refusal(status: str, code: str) -> bytes:
    body = b'{"errorType":"' + code.encode() + b'"}'
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Caller(Protocol):
    """What the exchange reports to: the function's process."""

    def on_next(self, exchange: Exchange) -> None:
        """The process is free; answer through `exchange.write` when there is work."""
        ...

    def on_response(self, request_id: str, body: bytes) -> bytes:
        """The function answered; returns what to send back."""
        ...

    def on_error(self, request_id: str, body: bytes) -> bytes:
        """The function raised; returns what to send back."""
        ...

    def on_init_error(self, body: bytes) -> bytes:
        """The handler could not be loaded; returns what to send back."""
        ...


class Exchange(asyncio.Protocol):
    """One connection. Requests on it never overlap."""

    __slots__ = ("_buffer", "_caller", "_transport")

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        head = data.find(b"\r\n\r\n")
        if head < 0:
            self._buffer = data
            return
        length = _LENGTH.search(data, 0, head)
        end = head + 4 + (int(length[1]) if length else 0)
        if end - head > _MAX_BODY:
            self._transport.close()
        elif len(data) < end:
            self._buffer = data
        else:
            self._buffer = data[end:]
            self._take(data[:head], data[head + 4 : end])

    def _take(self, head: bytes, body: bytes) -> None:
        """Route a request, unless a web page sent it: those must not take events or forge answers."""
        method, target, _ = head.split(b" ", 2)
        if b"\r\nHost: 127.0.0.1:" not in head or _BROWSER.search(head):
            self._transport.write(refusal("403 Forbidden", "ForeignRequest"))
        else:
            self._route(method, target, body)

    def _route(self, method: bytes, target: bytes, body: bytes) -> None:
        what = target[len(PREFIX) :] if target.startswith(PREFIX) else b""
        if method == b"GET" and what == b"invocation/next":
            self._caller.on_next(self)
            return
        parts = what.split(b"/")
        if method == b"POST" and what == b"init/error":
            answer = self._caller.on_init_error(body)
        elif method == b"POST" and len(parts) == 3 and parts[2] == b"response":
            answer = self._caller.on_response(parts[1].decode("latin-1"), body)
        elif method == b"POST" and len(parts) == 3 and parts[2] == b"error":
            answer = self._caller.on_error(parts[1].decode("latin-1"), body)
        else:
            answer = refusal("404 Not Found", "InvalidRequest")
        self._transport.write(answer)
