"""The analysis bundle on real services, with Kafka replaced by hand: its outbox is delivered in order by `drain`."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from functions.analysis.ports import Deps
from functions.analysis.routes import build
from functions.analysis.schemas.analyses import AnalysisOut
from kernel.events import Envelope
from kernel.ids import new_id
from tests.client import ORG, BundleClient

WORK = "coderev.analysis.shards.v1"
DONE = "coderev.analysis.v1"


def kafka(*messages: str, topic: str = "t") -> dict[str, Any]:
    """The event that a Kafka source makes of these records."""
    records = [
        {"topic": topic, "partition": 0, "offset": offset, "value": base64.b64encode(text.encode()).decode()}
        for offset, text in enumerate(messages)
    ]
    return {"eventSource": "SelfManagedKafka", "records": {f"{topic}-0": records}}


@dataclass
class Buried:
    """Dead letters, kept."""

    reasons: list[str] = field(default_factory=list)

    def bury(self, record: Mapping[str, Any], reason: str) -> None:
        self.reasons.append(reason)


@dataclass
class Counted:
    """The real engines; counts the files they were asked to read."""

    engines: Any
    files: int = 0

    def engine_set(self, configuration: Any) -> str:
        return str(self.engines.engine_set(configuration))

    def notes(self, configuration: Any) -> list[str]:
        return list(self.engines.notes(configuration))

    def problems(self, custom_rules: str) -> list[str]:
        return list(self.engines.problems(custom_rules))

    def read(self, contents: Sequence[Any], hold: Any, configuration: Any) -> Any:
        self.files += len(contents)
        return self.engines.read(contents, hold, configuration)

    def rest(self) -> None:
        self.engines.rest()


@dataclass
class House:
    deps: Deps
    admin: sa.Engine
    org: str = ORG
    dead: Buried = field(default_factory=Buried)

    def __post_init__(self) -> None:
        self.app = build(self.deps, None, self.dead)
        self.client = BundleClient(self.app, org=self.org)

    @property
    def engines(self) -> Any:
        return self.deps.engines

    def with_deps(self, deps: Deps) -> House:
        return House(deps, self.admin, self.org, self.dead)

    # -- what project does

    def published(
        self,
        files: Mapping[str, bytes],
        *,
        project: str = "01890000-0000-7000-8000-0000000000f1",
        parent: str | None = None,
        mode: Mapping[str, str] | None = None,
        **also: object,
    ) -> str:
        """Store a version and return the event that tells of it; `also` are fields of the event."""
        version = new_id()
        lines = self._pack(files, mode or {})
        key = f"manifests/{self.org}/{version}.jsonl"
        self.deps.blobs.put(key, "".join(json.dumps(line) + "\n" for line in lines).encode(), "application/jsonl")
        data = {
            "version_id": version,
            "project_id": project,
            "org_id": self.org,
            "parent_id": parent,
            "label": "main",
            "manifest_key": key,
            "file_count": len(files),
            "total_bytes": sum(map(len, files.values())),
            "changed_paths": None,
            "published_by": str(uuid.UUID(int=1)),
            "published_at": "2026-01-02T03:04:05Z",
        }
        return self.envelope("version.published", version, data | also)

    def envelope(self, type_: str, subject: str, data: Mapping[str, Any]) -> str:
        return Envelope(
            id=new_id(),
            source="coderev/project",
            type=type_,
            subject=subject,
            time="2026-01-02T03:04:05Z",  # type: ignore[arg-type]
            orgid=self.org,
            correlationid="c1",
            data=dict(data),
        ).model_dump_json(exclude_none=True)

    def _pack(self, files: Mapping[str, bytes], mode: Mapping[str, str]) -> list[dict[str, Any]]:
        """All contents in one tar, as project stores them."""
        key, buffer = f"packs/{self.org}/{new_id()}.tar", io.BytesIO()
        lines = []
        with tarfile.open(fileobj=buffer, mode="w") as pack:
            for path, data in sorted(files.items()):
                sha256 = hashlib.sha256(data).hexdigest()
                member = tarfile.TarInfo(sha256)
                member.size = len(data)
                offset = buffer.tell() + 512
                pack.addfile(member, io.BytesIO(data))
                line = {"path": path, "mode": mode.get(path, "100644"), "sha256": sha256, "size_bytes": len(data)}
                lines.append(line | {"object": key, "offset": offset})
        self.deps.blobs.put(key, buffer.getvalue(), "application/x-tar")
        return lines

    # -- what Kafka does

    def publish(self, files: Mapping[str, bytes], **options: Any) -> AnalysisOut:
        """Publish a version and let the analysis run to its end."""
        event = self.published(files, **options)
        assert self.plan(event) == []
        assert self.drain() == []
        return self.of_version(json.loads(event)["subject"])

    def plan(self, *messages: str) -> list[Any]:
        handler = self.app.handler_map["on_version_published"]
        return list(handler(kafka(*messages), None)["batchItemFailures"])

    def work(self, *messages: str) -> list[Any]:
        return list(self.app.handler_map["on_work"](kafka(*messages), None)["batchItemFailures"])

    def drain(self) -> list[Any]:
        """Deliver work until there is none, or until a record asks to be delivered again."""
        while messages := self.sent(WORK):
            for message in messages:
                if failures := self.work(message):
                    return failures
        return []

    def sent(self, topic: str) -> list[str]:
        """Take what the outbox holds for a topic."""
        statement = sa.text(
            "WITH due AS (UPDATE analysis.outbox SET sent_at = now() WHERE sent_at IS NULL AND topic = :topic"
            " RETURNING id, message) SELECT message FROM due ORDER BY id"
        )
        with self.admin.begin() as connection:
            return list(connection.execute(statement, {"topic": topic}).scalars())

    # -- what users and operators see

    def of_version(self, version_id: str) -> AnalysisOut:
        found = self.client.get(f"/v1/analyses?version_id={version_id}").json["items"]
        assert len(found) == 1
        return AnalysisOut.model_validate(found[0])

    def items(self, path: str) -> list[dict[str, Any]]:
        """All pages of a list."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.client.get(f"{path}{'&' if '?' in path else '?'}limit=200{cursor}")
            assert page.status == 200, page.json
            items += page.json["items"]
            if page.json["next_cursor"] is None:
                return items
            cursor = f"&cursor={page.json['next_cursor']}"

    def artifact(self, analysis_id: str, name: str) -> Any:
        return json.loads(self.deps.blobs.get(f"artifacts/{self.org}/{analysis_id}/{name}"))

    def sql(self, statement: str, **values: object) -> Sequence[Any]:
        with self.admin.begin() as connection:
            done = connection.execute(sa.text(statement), values)
            return done.all() if done.returns_rows else []
