"""The S3 operations that the server below lacks: notifications, exact ranges, creation only when absent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from nanio.errors import InvalidArgument, NotImplemented_, S3Error
from nanio.handlers._body import parse_xml_safely, read_bounded_body
from nanio.storage.filesystem import FilesystemStorage
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from emulator.services.objects_create import Creation, created_name
from emulator.services.objects_guard import refuse
from emulator.services.objects_outbox import Outbox
from emulator.services.objects_read import described, exact_range
from emulator.services.objects_rules import Rules, Unsupported

# The server below would take these for the bucket or the object itself.
_UNSUPPORTED = frozenset(
    [
        "accelerate",
        "acl",
        "analytics",
        "attributes",
        "cors",
        "encryption",
        "intelligent-tiering",
        "inventory",
        "legal-hold",
        "lifecycle",
        "logging",
        "metrics",
        "object-lock",
        "ownershipControls",
        "policy",
        "policyStatus",
        "publicAccessBlock",
        "replication",
        "requestPayment",
        "restore",
        "retention",
        "select",
        "tagging",
        "torrent",
        "versioning",
        "versions",
        "website",
    ]
)


class Edge:
    """ASGI layer between the checks and the server."""

    def __init__(self, app: ASGIApp, *, storage: FilesystemStorage, rules: Rules, outbox: Outbox | None) -> None:
        self._app = app
        self._storage = storage
        self._rules = rules
        self._creation = Creation(app, storage, rules, outbox)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bucket, _, key = scope["path"].removeprefix("/").partition("/")
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        try:
            await self._route(scope, receive, send, bucket, key, query)
        except S3Error as refused:
            await refuse(send, refused)

    async def _route(
        self, scope: Scope, receive: Receive, send: Send, bucket: str, key: str, query: Mapping[str, str]
    ) -> None:
        if _UNSUPPORTED & query.keys():
            raise NotImplemented_(f"{', '.join(_UNSUPPORTED & query.keys())} is not supported")
        if "notification" in query and not key:
            await self._notification(Request(scope, receive), send, bucket)
        elif scope["method"] == "GET" and key:
            await self._app(exact_range(self._storage, scope, bucket, key), receive, described(send, query))
        elif key and (name := created_name(scope, query)):
            await self._creation.run(scope, receive, send, bucket=bucket, key=key, name=name)
        else:
            await self._app(scope, receive, send)

    async def _notification(self, request: Request, send: Send, bucket: str) -> None:
        self._storage.head_bucket(bucket)
        answer = b""
        if request.method == "PUT":
            await self._put_rules(bucket, await read_bounded_body(request))
        elif request.method == "GET":
            answer = self._rules.document(bucket)
        else:
            raise NotImplemented_("notification takes GET and PUT")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/xml")]})
        await send({"type": "http.response.body", "body": answer})

    async def _put_rules(self, bucket: str, document: bytes) -> None:
        try:
            await asyncio.to_thread(self._rules.put, bucket, document, parse_xml_safely(document))
        except (Unsupported, ValueError) as refused:
            raise InvalidArgument(str(refused)) from refused
