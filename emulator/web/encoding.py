"""Turns a response into the bytes of an HTTP/1.1 answer."""

from __future__ import annotations

import time
from email.utils import formatdate
from http import HTTPStatus

from emulator.web.messages import Response

_LINES = {status: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
_BODILESS = frozenset({204, 304})
_OURS = frozenset({"content-length", "transfer-encoding", "connection", "date"})
_date: tuple[int, str] = (0, "")


def encode(response: Response, *, head: bool, keep: bool) -> bytes:
    """Return head and body in one piece, so that they leave in one packet."""
    status = response.status
    lines = [_LINES.get(status) or f"HTTP/1.1 {status} \r\n"]  # type: ignore[call-overload]
    lines += [f"{name}: {value}\r\n" for name, value in response.headers if name.lower() not in _OURS]
    lines.append(f"Date: {_now()}\r\n")
    if status not in _BODILESS:
        lines.append(f"Content-Length: {_length(response, head=head)}\r\n")
    lines.append("Connection: keep-alive\r\n\r\n" if keep else "Connection: close\r\n\r\n")
    sent = "".join(lines).encode("utf-8", "replace")
    return sent if head or status in _BODILESS else sent + response.body


def _length(response: Response, *, head: bool) -> int | str:
    """Return the length of the body; an answer to HEAD may state that of the body it leaves out."""
    stated = (value for name, value in response.headers if name.lower() == "content-length")
    return next(stated, len(response.body)) if head and not response.body else len(response.body)


def _now() -> str:
    global _date
    second = int(time.time())
    if _date[0] != second:
        _date = (second, formatdate(second, usegmt=True))
    return _date[1]
