"""What the S3 server under us does not check itself, behind its signature check.

Its signature says nothing of the body, of `x-amz-*` headers that were not signed, and of query parameters without `=`
on a presigned URL; AWS refuses or verifies all of these.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qsl

from nanio.errors import AccessDenied, BadDigest, InvalidRequest, NotImplemented_, S3Error
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_UNSIGNED = frozenset({"UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"})
_ONCE = frozenset(
    {"host", "authorization", "range", "content-length", "content-md5", "content-type", "content-encoding"}
)


class Truncated(S3Error):
    """Fewer or more bytes than announced."""

    code = "IncompleteBody"
    message = "The body does not have the length that the request announced."
    http_status = 400


class OtherBody(S3Error):
    """Not the body that was signed."""

    code = "XAmzContentSHA256Mismatch"
    message = "The provided 'x-amz-content-sha256' header does not match what was computed."
    http_status = 400


class Guard:
    """ASGI layer directly behind the signature check."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            headers, query = _headers(scope), _query(scope)
            _only_signed(headers, query, presigned=_presigned(scope))
            checked = _checked(receive, _promises(headers, query)) if scope["method"] == "PUT" else receive
        except S3Error as refused:
            await refuse(send, refused)
            return
        await self._app(scope, checked, send)


class HangUp:
    """Outermost layer: closes the connection after a refused upload, whose body may still be on its way or never come.

    A client that sent `Expect: 100-continue` and was refused does not send the body; the next request on the same
    connection would be taken for it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= HTTPStatus.BAD_REQUEST:
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        uploads = scope["type"] == "http" and scope["method"] in ("PUT", "POST")
        await self._app(scope, receive, closing if uploads else send)


async def refuse(send: Send, error: S3Error) -> None:
    """Answer with the error as S3 words it."""
    body = error.to_xml()
    headers = [(b"content-type", b"application/xml"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": error.http_status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _headers(scope: Scope) -> dict[str, str]:
    """All headers; those that decide something must not come twice."""
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    for name, times in Counter(name for name, _ in pairs).items():
        if times > 1 and (name in _ONCE or name.startswith("x-amz-")):
            raise InvalidRequest(f"{name} is given {times} times")
    return dict(pairs)


def _query(scope: Scope) -> dict[str, str]:
    """The parameters; on a presigned URL each has a value and comes once, or it was not signed."""
    raw = scope["query_string"].decode("latin-1")
    parts = [part for part in raw.split("&") if part]
    if _presigned(scope):
        names = [part.split("=", 1)[0] for part in parts]
        if any("=" not in part for part in parts) or len(set(names)) < len(names):
            raise AccessDenied("There were parameters present in the request which were not signed")
    return dict(parse_qsl(raw, keep_blank_values=True))


def _presigned(scope: Scope) -> bool:
    return b"X-Amz-Algorithm=" in scope["query_string"]  # the signature check decides by the same sign


def _only_signed(headers: Mapping[str, str], query: Mapping[str, str], *, presigned: bool) -> None:
    """Refuse `x-amz-*` headers that the signature does not cover: they could copy, overwrite or disguise."""
    listed = query.get("X-Amz-SignedHeaders", "") if presigned else _field(headers.get("authorization", ""))
    signed = set(listed.split(";")) | ({"x-amz-content-sha256"} if presigned else set())
    if any(name.startswith("x-amz-") and name not in signed for name in headers):
        raise AccessDenied("There were headers present in the request which were not signed")


def _field(authorization: str) -> str:
    parts = (part.strip().partition("=") for part in authorization.partition(" ")[2].split(","))
    return {name: value for name, _, value in parts}.get("SignedHeaders", "")


class _Sum(Protocol):
    def update(self, data: bytes, /) -> object: ...

    def digest(self) -> bytes: ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


class _Length:
    def __init__(self) -> None:
        self._bytes = 0

    def update(self, data: bytes, /) -> None:
        self._bytes += len(data)

    def digest(self) -> bytes:
        return str(self._bytes).encode()


_CHECKSUMS: Mapping[str, Callable[[], _Sum]] = {
    "x-amz-checksum-sha256": hashlib.sha256,
    "x-amz-checksum-sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "x-amz-checksum-crc32": _Crc32,
}
_Promise = tuple[_Sum, bytes, type[S3Error]]


def _promises(headers: Mapping[str, str], query: Mapping[str, str]) -> list[_Promise]:
    """What the request says of its body; a checksum may also be in the query of a presigned URL."""
    found: list[_Promise] = []
    given = {name.lower(): value for name, value in query.items()} | dict(headers)
    for name, checksum in _CHECKSUMS.items():
        if name in given:
            found.append((checksum(), _digest(given[name]), BadDigest))
    content = headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    if content.startswith("STREAMING-") and content not in _UNSIGNED:
        raise NotImplemented_("bodies with trailers are not supported: set request_checksum_calculation=when_required")
    if content not in _UNSIGNED:
        found.append((hashlib.sha256(), _hex(content), OtherBody))
    length = headers.get("x-amz-decoded-content-length", headers.get("content-length"))
    return found if length is None else [*found, (_Length(), length.strip().encode(), Truncated)]


def _digest(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as malformed:
        raise InvalidRequest("a checksum is not valid base64") from malformed


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as malformed:
        raise InvalidRequest("x-amz-content-sha256 is not a SHA-256") from malformed


def _checked(receive: Receive, promises: list[_Promise]) -> Receive:
    """Read the body through; its end is only passed on when all promises hold, so nothing else is ever stored."""

    async def read() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            body: Any = message.get("body", b"")
            for running, _, _ in promises:
                running.update(body)
            if not message.get("more_body", False):
                _settle(promises)
        return message

    return read


def _settle(promises: list[_Promise]) -> None:
    for running, expected, error in promises:
        if running.digest() != expected:
            raise error()
