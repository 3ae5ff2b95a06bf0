"""A project's versions, one after the other, and what its findings become."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.analysis.schemas.analyses import AnalysisOut
from kernel.ids import new_id
from tests.client import BundleClient, Reply
from tests.integration.analysis.house import DONE, House

EVIL = "bandit/B307"  # eval


@dataclass
class Line:
    """One project. Versions are of the main line unless a branch is named; each has the one before as its parent."""

    house: House
    project: str = field(default_factory=new_id)
    newest: AnalysisOut | None = None

    @property
    def client(self) -> BundleClient:
        return self.house.client

    def publish(self, files: Mapping[str, str], **options: Any) -> AnalysisOut:
        data = {path: text.encode() for path, text in files.items()}
        parent = options.pop("parent", self.newest.version_id if self.newest else None)
        done = self.house.publish(data, project=self.project, parent=parent, **options)
        assert (done.state, done.reason) == ("completed", None)
        if options.get("main", True):
            self.newest = done
        return done

    def branch(self, files: Mapping[str, str], **options: Any) -> AnalysisOut:
        return self.publish(files, main=False, branch="topic", **options)

    def found(self, analysis: AnalysisOut, query: str = "") -> list[dict[str, Any]]:
        """Those of one rule."""
        return self.house.items(f"/v1/analyses/{analysis.id}/findings?rule={EVIL}{query}")

    def ids(self, analysis: AnalysisOut, query: str = "") -> list[str]:
        """In the order of paths and lines."""
        return [one["id"] for one in sorted(self.found(analysis, query), key=lambda one: (one["path"], one["line"]))]

    def new(self, analysis: AnalysisOut) -> list[str]:
        return self.ids(analysis, "&new=true")

    def all(self, query: str = "") -> list[dict[str, Any]]:
        return self.house.items(f"/v1/findings?project_id={self.project}&rule={EVIL}{query}")

    def state(self, finding_id: str) -> str:
        return str(self.get(finding_id)["state"])

    def get(self, finding_id: str) -> dict[str, Any]:
        answer = self.client.get(f"/v1/findings/{finding_id}")
        assert answer.status == 200, answer.json
        return dict(answer.json)

    def dismiss(self, finding_id: str, **body: object) -> Reply:
        said = {"reason": "accepted", "comment": "known and bounded"} | body
        return self.client.post(f"/v1/findings/{finding_id}/dismiss", said)

    def reopen(self, finding_id: str) -> Reply:
        return self.client.post(f"/v1/findings/{finding_id}/reopen", {"comment": "not so sure"})

    def changes(self, finding_id: str) -> list[str]:
        return [one["change"] for one in self.house.items(f"/v1/findings/{finding_id}/history")]

    def told(self) -> list[tuple[str, str | None, list[str]]]:
        """Type, reason and findings of the events that nobody has taken yet."""
        events = [json.loads(message) for message in self.house.sent(DONE)]
        kept = [event for event in events if event["type"].startswith("finding.")]
        return [(one["type"], one["data"]["reason"], one["data"]["finding_ids"]) for one in kept]
