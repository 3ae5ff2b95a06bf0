"""The HTTP side of the Runtime API: one short-lived parser per connection of a function's process.

The only clients are awslambdaric's two (libcurl and `http.client`), which send whole requests with a
Content-Length; the parsing is as small as that allows, because each invocation passes here twice.
Statuses and error types are those of AWS's own server (aws-lambda-runtime-interface-emulator, `rapi`).
"""

from __future__ import annotations

import asyncio
import re
from typing import Protocol, cast

from emulator.runtime.results import MAX_RESPONSE_BYTES

PREFIX = b"/2018-06-01/runtime/"
_BROWSER = re.compile(rb"\r\n(?:origin|sec-fetch-\w+):", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d{1,15})\s*(?:\r|$)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_MAX_HEAD = 2 * 1024 * 1024
"""An error's X-Ray cause travels in a header of up to 1 MB."""


def answer(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def refusal(status: str, code: str, message: str = "") -> bytes:
    return answer(status, f'{{"errorMessage":"{message}","errorType":"{code}"}}\n'.encode())


ACCEPTED = answer("202 Accepted", b'{"status":"OK"}\n')
WRONG_ID = refusal("400 Bad Request", "InvalidRequestID", "Invalid request ID")
WRONG_STATE = refusal("403 Forbidden", "InvalidStateTransition", "State transition is not allowed")
TOO_LARGE = refusal(
    "413 Request Entity Too Large",
    "RequestEntityTooLarge",
    f"Exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes).",
)
_FOREIGN = refusal("403 Forbidden", "ForeignRequest", "The Runtime API answers the function's own process only")
_UNKNOWN = refusal("404 Not Found", "InvalidRequest", "No such resource")
_NO_LENGTH = refusal("411 Length Required", "InvalidRequest", "A body needs a Content-Length")
_RESTORED = answer("200 OK", b"")


class Caller(Protocol):
    """What the exchange reports to: the function's process."""

    def on_next(self, exchange: Exchange) -> None:
        """The process is free; answer through `exchange.write` when there is work."""
        ...

    def on_response(self, request_id: str, body: bytes | None) -> bytes:
        """The function answered, None is more than Lambda takes; returns what to send back."""
        ...

    def on_error(self, request_id: str, body: bytes) -> bytes:
        """The function raised; returns what to send back."""
        ...

    def on_init_error(self, body: bytes) -> bytes:
        """The handler could not be loaded; returns what to send back."""
        ...

    def on_lost(self, exchange: Exchange) -> None:
        """The process closed a connection."""
        ...


class Exchange(asyncio.Protocol):
    """One connection. Requests on it never overlap."""

    __slots__ = ("_buffer", "_caller", "_head", "_kept", "_missing", "_parts", "_transport")

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._buffer = self._head = b""
        self._parts: list[bytes] = []
        self._missing = 0
        self._kept = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._caller.on_lost(self)

    @property
    def open(self) -> bool:
        return not self._transport.is_closing()

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._collect(data)
            return
        data = self._buffer + data if self._buffer else data
        head = data.find(b"\r\n\r\n")
        if head >= 0:
            self._begin(data, head)
        elif len(data) > _MAX_HEAD:
            self._transport.close()
        else:
            self._buffer = data

    def _begin(self, data: bytes, head: int) -> None:
        self._buffer = b""
        length = _LENGTH.search(data, 0, head + 2)
        if length is None:
            chunked = _CHUNKED.search(data, 0, head)
            self._transport.write(_NO_LENGTH) if chunked else self._take(data[:head], b"")
            return
        size = int(length[1])
        if len(data) >= head + 4 + size:
            self._take(data[:head], data[head + 4 :])
            return
        self._head, self._missing = data[:head], size
        self._kept = size <= MAX_RESPONSE_BYTES
        self._collect(data[head + 4 :])

    def _collect(self, data: bytes) -> None:
        """Gather a body that comes in pieces; of one over the limit only the length is followed."""
        self._missing -= len(data)
        if self._kept:
            self._parts.append(data)
        if self._missing > 0:
            return
        body, self._parts, self._missing = b"".join(self._parts) if self._kept else None, [], 0
        self._take(self._head, body)

    def _take(self, head: bytes, body: bytes | None) -> None:
        """Route a request, unless a web page sent it: those must not take events or forge answers."""
        method, _, rest = head.partition(b" ")
        if b"\r\nHost: 127.0.0.1:" not in head or _BROWSER.search(head):
            self._transport.write(_FOREIGN)
        else:
            self._route(method, rest.partition(b" ")[0], body)

    def _route(self, method: bytes, target: bytes, body: bytes | None) -> None:
        what = target[len(PREFIX) :] if target.startswith(PREFIX) else b""
        if method == b"GET" and what == b"invocation/next":
            self._caller.on_next(self)
        elif method == b"GET" and what == b"restore/next":
            self._transport.write(_RESTORED)
        elif method == b"POST":
            self._transport.write(self._post(what, body))
        else:
            self._transport.write(_UNKNOWN)

    def _post(self, what: bytes, body: bytes | None) -> bytes:
        if what.startswith(b"invocation/") and what.endswith((b"/response", b"/error")):
            _, request_id, kind = what.rsplit(b"/", 2)
            if kind == b"error" and body is not None:
                return self._caller.on_error(request_id.decode("latin-1"), body)
            return self._caller.on_response(request_id.decode("latin-1"), body)
        if what == b"init/error":
            return self._caller.on_init_error(body or b"{}")
        return ACCEPTED if what == b"restore/error" else _UNKNOWN
