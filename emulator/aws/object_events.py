"""Notifications of objects that are in moto, which sends none: made from the requests that pass the edge port.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote
from xml.etree import ElementTree

from emulator.web.messages import Request, Response

Send = Callable[[Request], Awaitable[Response]]
Deliver = Callable[[Any], Awaitable[object]]
"""Takes an S3 notification; once it returns, what it sets off is stored."""
_CREATED = "ObjectCreated:"
_REMOVED, _MARKED = "ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated"
_EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"
"""A delete marker has no content."""
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
        records = [await self._record(request, happened) for happened in _events(request, answer)]
        if records:
            await self._deliver({"Records": records})

    async def _record(self, request: Request, happened: _Happened) -> dict[str, Any]:
        bucket, _, key = happened.place.partition("/")
        found: dict[str, Any] = {"key": quote_plus(unquote(key), safe="/"), "versionId": happened.version}
        if happened.name == _MARKED:
            found["eTag"] = _EMPTY_MD5
        elif happened.name.startswith(_CREATED):
            kept = [(name, value) for name, value in request.headers if name.lower() in ("host", "authorization")]
            head = await self._send(Request("HEAD", f"/{happened.place}", headers=kept))
            told = {name.lower(): value for name, value in head.headers}
            found |= {"size": int(told.get("content-length", 0)), "eTag": told.get("etag", "").strip('"')}
        return {"eventName": happened.name, "s3": {"bucket": {"name": bucket}, "object": found}}


@dataclass(frozen=True, slots=True)
class _Happened:
    """An event's name, the bucket and key that it is about, the key percent-encoded, and the version if there is one."""

    name: str
    place: str
    version: str = ""


def _events(request: Request, answer: Response) -> Iterator[_Happened]:
    """Yield what a request did to objects."""
    asked = {name for name, _ in parse_qsl(request.query, keep_blank_values=True)}
    place = request.path.removeprefix("/")
    bucket, _, key = place.partition("/")
    if key:
        name = _name(request, answer, asked)
        if name is not None:
            told = {header.lower(): value for header, value in answer.headers}
            marked = name == _REMOVED and told.get("x-amz-delete-marker") == "true" and "versionId" not in asked
            yield _Happened(_MARKED if marked else name, place, told.get("x-amz-version-id", ""))
    elif request.method == "POST" and "delete" in asked:
        for told in _deleted(answer.body):
            marker = told.get("DeleteMarkerVersionId", "") if not told.get("VersionId") else ""
            where = f"{bucket}/{quote(told.get('Key', ''), safe='/')}"
            yield _Happened(_MARKED if marker else _REMOVED, where, marker or told.get("VersionId", ""))


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


def _deleted(document: bytes) -> Iterator[dict[str, str]]:
    """Yield what an answer to DeleteObjects says of each object."""
    try:
        found = ElementTree.fromstring(document)
    except ElementTree.ParseError:
        return
    for each in found.iter():
        if each.tag.rpartition("}")[2] == "Deleted":
            yield {part.tag.rpartition("}")[2]: part.text or "" for part in each}
