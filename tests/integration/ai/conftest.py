"""The ai domain on the real database, a shelf of contexts, and a provider that a test chooses."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import sqlalchemy as sa

from functions.ai import bootstrap, routes
from functions.ai.adapters.chat import ChatModel
from functions.ai.adapters.context import StoredContexts
from functions.ai.model import Route
from functions.ai.ports import Deps
from kernel.errors import NotFound
from kernel.events import Envelope
from kernel.identity import Caller
from kernel.ids import new_id
from tests.client import ORG, BundleClient

PROJECT = "01890000-0000-7000-8000-0000000000b1"


class Shelf:
    """Objects by key, as far as a context is read."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_range(self, key: str, offset: int, size_bytes: int) -> bytes:
        if key not in self.objects:
            raise NotFound("no such object", key=key)
        return self.objects[key][offset : offset + size_bytes]


class Chosen:
    """`ports.Routes` that says what the test told it, or raises it."""

    def __init__(self) -> None:
        self.answer: Route | Exception = NotFound("no model provider is configured", code="no_provider")

    def review(self, caller: Caller) -> Route:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class Graveyard:
    reasons: list[str] = field(default_factory=list)

    def bury(self, record: Mapping[str, Any], reason: str) -> None:
        self.reasons.append(reason)


def place(line: int = 3, path: str = "app/db.py", **changes: object) -> dict[str, object]:
    given = {"rule": "S608", "severity": "high", "message": "SQL from strings", "reason": "new", "rank": line}
    excerpt = "\n".join(f"{n}: line {n}" for n in range(max(line - 1, 1), line + 2))
    span = {"path": path, "line": line, "end_line": line, "excerpt": excerpt, "finding_id": f"f{line}"}
    return {**given, **span, **changes}


@dataclass
class Reviewing:
    """Delivers events of completed analyses and reads what became of them."""

    deps: Deps
    shelf: Shelf
    routes: Chosen
    graveyard: Graveyard
    admin: sa.Engine

    def analysed(self, *places: Mapping[str, object], org: str = ORG, **changes: object) -> Envelope:
        """An analysis of `places`, as its event tells it."""
        analysis_id = new_id()
        key = f"artifacts/{org}/{analysis_id}/context.json"
        self.shelf.objects[key] = json.dumps({"analysis_id": analysis_id, "places": places}).encode()
        data = {"analysis_id": analysis_id, "project_id": PROJECT, "org_id": org, "context_key": key, "files": 3}
        return envelope(data | changes, org)

    def deliver(self, *events: Envelope, deps: Deps | None = None) -> list[int]:
        """The offsets that are to be delivered again."""
        app = routes.build(deps or self.deps, dead_letters=self.graveyard)
        records = [
            {
                "topic": "coderev.analysis.v1",
                "partition": 0,
                "offset": offset,
                "key": base64.b64encode(event.subject.encode()).decode(),
                "value": base64.b64encode(event.model_dump_json().encode()).decode(),
            }
            for offset, event in enumerate(events)
        ]
        answer = app.handler_map["on_analysis_completed"]({"records": {"coderev.analysis.v1-0": records}}, None)
        return [failure["itemIdentifier"]["offset"] for failure in answer["batchItemFailures"]]

    def review_of(self, event: Envelope, org: str = ORG) -> dict[str, Any]:
        client = BundleClient(routes.build(self.deps), org=org)
        (found,) = client.get(f"/v1/reviews?analysis_id={event.data['analysis_id']}").json["items"]
        return found

    def rows(self, query: str) -> list[Any]:
        with self.admin.begin() as connection:
            return list(connection.execute(sa.text(query)))

    def told(self) -> list[dict[str, Any]]:
        """The events in the outbox."""
        return [json.loads(row.message) for row in self.rows("SELECT message FROM ai.outbox ORDER BY id")]


def envelope(data: dict[str, object], org: str) -> Envelope:
    return Envelope(
        id=new_id(),
        source="coderev/analysis",
        type="analysis.completed",
        subject=str(data["analysis_id"]),
        time="2026-01-15T10:00:00Z",
        orgid=org,
        correlationid="r1",
        data=data,
    )


@pytest.fixture
def reviewing(settings, empty, admin) -> Reviewing:
    shelf, chosen = Shelf(), Chosen()
    deps = replace(
        bootstrap.connect(settings),
        contexts=StoredContexts(shelf),
        routes=chosen,
        model=ChatModel(pause_s=0.01),
        budget_s=5.0,
    )
    return Reviewing(deps, shelf, chosen, Graveyard(), admin)
