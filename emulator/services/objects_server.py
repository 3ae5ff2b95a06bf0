"""The object store's process: `python -m emulator.services.objects_server CONFIGURATION` (a JSON file, mode 0600)."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from nanio.app import build_app
from nanio.auth.credentials import StaticCredentialResolver
from nanio.config import Settings
from nanio.errors import S3Error
from nanio.storage.filesystem import FilesystemStorage
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from emulator.services.objects_create import event_of
from emulator.services.objects_edge import Edge
from emulator.services.objects_guard import Guard, HangUp
from emulator.services.objects_outbox import Intent, Outbox, Target
from emulator.services.objects_rules import Rule, Rules

_CLOCK_SLACK_S = 2.0


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the parent writes down for the child."""

    folder: Path
    port: int
    access_key: str
    secret_key: str = field(repr=False)
    buckets: Sequence[str]
    rules: Sequence[Rule]
    target: Target | None

    @classmethod
    def read(cls, path: Path) -> Configuration:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        rules = [Rule(**rule | {"events": tuple(rule["events"])}) for rule in found.pop("rules")]
        target = found.pop("target")
        return cls(Path(found.pop("folder")), rules=rules, target=Target(**target) if target else None, **found)


def application(settings: Configuration) -> tuple[Starlette, Outbox | None]:
    """The server with our layers around it: hanging up, CORS, its signature check, our checks, our operations, its routes."""
    keys = StaticCredentialResolver({settings.access_key: settings.secret_key})
    app = build_app(Settings(data_dir=settings.folder / "buckets", port=settings.port, credentials=keys))
    storage: FilesystemStorage = app.state.storage
    for bucket in settings.buckets:
        with suppress(S3Error):  # it exists
            storage.create_bucket(bucket)
    outbox = Outbox(settings.folder / "events", settings.target) if settings.target else None
    if outbox:
        outbox.recover(lambda intent: _arrived(storage, intent))
    rules = Rules(settings.rules, settings.folder / "notifications")
    # Starlette runs them in this order; the server's own signature check is the first that is there already.
    app.user_middleware[:0] = [Middleware(HangUp), Middleware(CORSMiddleware, **_CORS)]
    app.user_middleware += [Middleware(Guard), Middleware(Edge, storage=storage, rules=rules, outbox=outbox)]
    return app, outbox


_CORS: dict[str, Any] = {  # the signature is the permission, so any page may ask
    "allow_origins": ["*"],
    "allow_methods": ["GET", "HEAD", "PUT", "POST", "DELETE"],
    "allow_headers": ["*"],
    "expose_headers": ["ETag", "Content-Range", "x-amz-request-id"],
    "max_age": 3600,
}


def _arrived(storage: FilesystemStorage, intent: Intent) -> dict[str, Any] | None:
    """The event of an object whose writer was interrupted, if the object itself was not."""
    try:
        info = storage.head_object(intent.bucket, intent.key)
    except S3Error:
        return None
    return event_of(intent, info) if info.last_modified.timestamp() >= intent.begun - _CLOCK_SLACK_S else None


async def serve(settings: Configuration) -> None:
    """Answer requests until SIGTERM."""
    app, outbox = application(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=settings.port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    background = asyncio.create_task(outbox.keep_trying()) if outbox else None
    await server.serve()
    if background:
        background.cancel()


if __name__ == "__main__":
    asyncio.run(serve(Configuration.read(Path(sys.argv[1]))))
