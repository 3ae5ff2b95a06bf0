"""An S3 server in a process of its own, which tells a receiver about new objects."""

from __future__ import annotations

import importlib.util
import json
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from emulator.services import files, http_probe
from emulator.services.credentials import Credentials
from emulator.services.errors import ServiceMissing
from emulator.services.objects_rules import Rule
from emulator.services.ports import LOOPBACK
from emulator.services.process import Command, python


@dataclass(frozen=True, slots=True)
class Notify:
    """Where the object store tells of new objects, and of which.

    The receiver answers 2xx once it keeps the event; until then the event is sent again.
    """

    url: str
    token: str = field(repr=False)
    rules: tuple[Rule, ...] = (Rule(bucket="coderev", prefix="uploads/"),)


@dataclass(frozen=True, slots=True)
class Objects:
    """`server.Server` with its buckets, plain files, in `<data>/objects`."""

    data: Path
    port: int
    secret: Credentials
    buckets: tuple[str, ...] = ("coderev",)
    notify: Notify | None = None

    @property
    def folder(self) -> Path:
        return self.data / "objects"

    def environment(self) -> Mapping[str, str]:
        return {
            "S3_ENDPOINT": f"http://{LOOPBACK}:{self.port}",
            "S3_ACCESS_KEY": self.secret.s3_access_key,
            "S3_SECRET_KEY": self.secret.s3_secret_key,
        }

    def prepare(self) -> None:
        if importlib.util.find_spec("nanio") is None:
            raise ServiceMissing("object store", "S3_ENDPOINT")
        self.folder.mkdir(mode=0o700, exist_ok=True)
        files.write(self.folder / "server.json", json.dumps(self._configuration()))

    def _configuration(self) -> dict[str, Any]:
        notify = self.notify
        return {
            "folder": str(self.folder),
            "port": self.port,
            "access_key": self.secret.s3_access_key,
            "secret_key": self.secret.s3_secret_key,
            "buckets": self.buckets,
            "rules": [asdict(rule) for rule in notify.rules] if notify else [],
            "target": {"url": notify.url, "token": notify.token} if notify else None,
        }

    def command(self) -> Command:
        argv = (*python("emulator.services.objects_server"), str(self.folder / "server.json"))
        return Command(argv=argv, folder=self.folder, stop=signal.SIGTERM)

    def probe(self) -> None:
        """An unsigned request is refused by a server that works."""
        http_probe.expect(HTTPStatus.FORBIDDEN, self.port, "/")

    def settle(self) -> None:
        """The child creates its buckets before it listens."""
