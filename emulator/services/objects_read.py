"""Reading as S3 does it: ranges past the end are cut, the last bytes can be asked for, answers can be described."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from nanio.errors import S3Error
from nanio.storage.filesystem import FilesystemStorage
from starlette.types import Message, Scope, Send

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_DESCRIPTIONS = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
)


class OutOfRange(S3Error):
    """The object is shorter."""

    code = "InvalidRange"
    message = "The requested range is not satisfiable"
    http_status = 416


def exact_range(storage: FilesystemStorage, scope: Scope, bucket: str, key: str) -> Scope:
    """Return the request with a `Range` that names two existing bytes; one that is not understood is left out.

    Raises:
        OutOfRange: the range begins behind the end.
    """
    asked = next((value for name, value in scope["headers"] if name == b"range"), None)
    if asked is None:
        return scope
    others = [(name, value) for name, value in scope["headers"] if name != b"range"]
    found = _RANGE.fullmatch(asked.decode("latin-1").strip())
    if found and (found[1] or found[2]):
        first, last = _cut(found[1], found[2], storage.head_object(bucket, unquote(key)).size)
        others.append((b"range", f"bytes={first}-{last}".encode()))
    return dict(scope) | {"headers": others}


def _cut(first: str, last: str, size: int) -> tuple[int, int]:
    begin = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if begin >= size or begin > end:
        raise OutOfRange()
    return begin, end


def described(send: Send, query: Mapping[str, str]) -> Send:
    """Answer with the headers that `response-content-disposition` and its like ask for; they are part of the signature."""
    wanted = {name.encode(): query[f"response-{name}"] for name in _DESCRIPTIONS if f"response-{name}" in query}
    if not wanted:
        return send

    async def replaced(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message["headers"] if name.lower() not in wanted]
            asked = [(name, value.encode("latin-1", "replace")) for name, value in wanted.items()]
            message = {**message, "headers": kept + asked}
        await send(message)

    return replaced
