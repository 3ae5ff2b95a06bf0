"""Notifications of objects that are in moto, which sends none: made from the requests that pass the edge port.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote
from xml.etree import ElementTree

from emulator.web.messages import Request, Response

Send = Callable[[Request], Awaitable[Response]]
Deliver = Callable[[Any], Awaitable[object]]
"""Takes an S3 notification; once it returns, what it sets off is stored."""
_CREATED = "ObjectCreated:"
_REMOVED = "ObjectRemoved:Delete"
_SUBRESOURCES = frozenset({"acl", "tagging", "retention", "legal-hold", "partNumber", "uploads", "restore", "select"})


class ObjectEvents:
    """Tells of objects once the request about them has succeeded, and before its answer leaves."""

    def __init__(self, send: Send, deliver: Deliver) -> None:
        """Args: send: asks the store."""
        self._send, self._deliver = send, deliver

    async def after(self, request: Request, answer: Response) -> None:
        """Notify of what a request did. Its path holds the bucket and the key."""
        if answer.status >= 300:
            return
        records = [await self._record(request, name, place) for name, place in _events(request, answer)]
        if records:
            await self._deliver({"Records": records})

    async def _record(self, request: Request, name: str, place: str) -> dict[str, Any]:
        bucket, _, key = place.partition("/")
        found: dict[str, Any] = {"key": quote_plus(unquote(key), safe="/")}
        if name.startswith(_CREATED):
            kept = [(name, value) for name, value in request.headers if name.lower() in ("host", "authorization")]
            head = await self._send(Request("HEAD", f"/{place}", headers=kept))
            told = {name.lower(): value for name, value in head.headers}
            found |= {"size": int(told.get("content-length", 0)), "eTag": told.get("etag", "").strip('"')}
        return {"eventName": name, "s3": {"bucket": {"name": bucket}, "object": found}}


def _events(request: Request, answer: Response) -> Iterator[tuple[str, str]]:
    """Yield the name of each event with bucket and key, the key percent-encoded."""
    asked = {name for name, _ in parse_qsl(request.query, keep_blank_values=True)}
    place = request.path.removeprefix("/")
    bucket, _, key = place.partition("/")
    if key:
        name = _name(request, answer, asked)
        if name is not None:
            yield name, place
    elif request.method == "POST" and "delete" in asked:
        for deleted in _deleted(answer.body):
            yield _REMOVED, f"{bucket}/{deleted}"


def _name(request: Request, answer: Response, asked: set[str]) -> str | None:
    if asked & _SUBRESOURCES:
        return None
    if request.method == "POST" and "uploadId" in asked:
        return None if b"<Error>" in answer.body else f"{_CREATED}CompleteMultipartUpload"
    if "uploadId" in asked:
        return None
    if request.method == "PUT":
        return _CREATED + ("Copy" if request.header("x-amz-copy-source") else "Put")
    return _REMOVED if request.method == "DELETE" else None


def _deleted(document: bytes) -> Iterator[str]:
    try:
        found = ElementTree.fromstring(document)
    except ElementTree.ParseError:
        return
    for each in found.iter():
        if each.tag.rpartition("}")[2] == "Deleted":
            keys = (part.text or "" for part in each if part.tag.rpartition("}")[2] == "Key")
            yield from (quote_plus(key, safe="/").replace("+", "%20") for key in keys)
