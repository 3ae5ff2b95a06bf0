"""Writing an object and telling about it before the writer is answered."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from nanio.errors import InvalidArgument, NoSuchBucket, NoSuchKey, PreconditionFailed
from nanio.storage.backend import ObjectInfo
from nanio.storage.filesystem import FilesystemStorage
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulator.services.objects_event import Created
from emulator.services.objects_outbox import Intent, Outbox
from emulator.services.objects_rules import Rules

_PRINCIPAL = "coderev"


def created_name(scope: Scope, query: Mapping[str, str]) -> str | None:
    """The event that the request causes when it succeeds."""
    names = {name for name, _ in scope["headers"]}
    match scope["method"], "uploadId" in query:
        case "PUT", False:
            return "ObjectCreated:Copy" if b"x-amz-copy-source" in names else "ObjectCreated:Put"
        case "POST", True:
            return "ObjectCreated:CompleteMultipartUpload"
    return None


def event_of(intent: Intent, info: ObjectInfo) -> dict[str, Any]:
    """The event of an object that has been written."""
    created = Created(
        intent.bucket, intent.key, intent.name, intent.rule, size_bytes=info.size, etag=info.etag, at=info.last_modified
    )
    return created.event(principal=_PRINCIPAL)


class Creation:
    """The requests after which there is a new object."""

    def __init__(self, app: ASGIApp, storage: FilesystemStorage, rules: Rules, outbox: Outbox | None) -> None:
        self._app = app
        self._storage = storage
        self._rules = rules
        self._outbox = outbox
        self._locks: weakref.WeakValueDictionary[tuple[str, str], asyncio.Lock] = weakref.WeakValueDictionary()

    async def run(self, scope: Scope, receive: Receive, send: Send, *, bucket: str, key: str, name: str) -> None:
        """Let the server write; writers of one key take turns.

        Raises:
            PreconditionFailed: `If-None-Match: *` and the object exists.
        """
        lock = self._locks.setdefault((bucket, key), asyncio.Lock())
        async with lock:
            self._check(scope, bucket, key)
            rule = self._rules.find(bucket, key, name)
            if rule is None or self._outbox is None:
                await self._app(scope, receive, send)
                return
            intent = Intent(bucket, key, name, rule.id)
            telling = _Telling(self._storage, self._outbox, intent)
            await self._app(scope, receive, await telling.sender(send))

    def _check(self, scope: Scope, bucket: str, key: str) -> None:
        conditions = dict(scope["headers"])
        if b"if-match" in conditions:
            raise InvalidArgument("If-Match on a PUT is not supported")
        if conditions.get(b"if-none-match") == b"*" and _exists(self._storage, bucket, key):
            raise PreconditionFailed()


def _exists(storage: FilesystemStorage, bucket: str, key: str) -> bool:
    try:
        storage.head_object(bucket, key)
    except (NoSuchKey, NoSuchBucket):
        return False
    return True


class _Telling:
    """One write between its intent and its event.

    Only a refusal withdraws the intent. What ends without an answer (the writer hung up, the process stopped) leaves
    it, and the next start looks whether the object has arrived.
    """

    def __init__(self, storage: FilesystemStorage, outbox: Outbox, intent: Intent) -> None:
        self._storage = storage
        self._outbox = outbox
        self._intent = intent

    async def sender(self, send: Send) -> Send:
        """Hold back the answer until the event is on disk and, when its receiver is there, delivered."""
        path = await asyncio.to_thread(self._outbox.intend, self._intent)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._tell(path, message["status"])
            await send(message)

        return told

    async def _tell(self, path: Path, status: int) -> None:
        if status != HTTPStatus.OK:
            self._outbox.abandon(path)
            return
        info = self._storage.head_object(self._intent.bucket, self._intent.key)
        await asyncio.to_thread(self._outbox.complete, path, event_of(self._intent, info))
        await self._outbox.flush()
