"""A pull request that was fetched, what analysis tells of it, and the function that speaks to the outside."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from functions.project import routes
from functions.project.ports import Deps
from kernel.http import Application
from kernel.ids import new_id
from tests.client import ORG
from tests.codehost import CodeHost
from tests.integration.project.repositories import Connected

BASE = {"a.py": "".join(f"line {n}\n" for n in range(1, 21)), "b.py": "b\n"}
CHANGED = {5: "changed 5", 6: "changed 6", 15: "changed 15"}


@dataclass
class Buried:
    """Dead letters that are kept here."""

    reasons: list[str] = field(default_factory=list)

    def bury(self, record: Mapping[str, Any], reason: str) -> None:
        self.reasons.append(reason)


@dataclass(frozen=True)
class Outside:
    connected: Connected
    code: CodeHost
    admin: sa.Engine
    app: Application
    dead: Buried

    @classmethod
    def of(cls, connected: Connected, code: CodeHost, admin: sa.Engine) -> Outside:
        dead = Buried()
        return cls(connected, code, admin, routes.build(connected.deps, None, dead), dead)

    def with_deps(self, **changes: Any) -> Outside:
        return Outside.of(self.connected.with_deps(**changes), self.code, self.admin)

    @property
    def deps(self) -> Deps:
        return self.connected.deps

    @property
    def project_id(self) -> str:
        return self.connected.project_id

    def propose(self, number: int = 2, files: Mapping[str, str] | None = None, at: str = "10:00:00") -> str:
        """Push a head of the pull request, let the host tell of it, fetch it; the id of its version."""
        repository, connected = self.connected.repository, self.connected
        base = repository.tip("main") or repository.commit(BASE)
        lines = BASE["a.py"].splitlines()
        changed = "\n".join(CHANGED.get(n, line) for n, line in enumerate(lines, 1)) + "\n"
        head = repository.commit(files or {"a.py": changed}, branch=f"numbers{number}", parent=base)
        self.code.head, self.code.base = head, base
        self.code.lines = {("a.py", line) for line in CHANGED}
        reply = self._tell(number, head, base, f"2024-05-02T{at}Z")
        assert reply.status == 202, reply.json
        connected.run()
        done = connected.state(reply.json["fetch_id"])
        assert done["state"] == "done", done
        return str(done["version_id"])

    def _tell(self, number: int, head: str, base: str, at: str) -> Any:
        connected = self.connected
        if connected.client.get(f"/v1/projects/{self.project_id}/repository").json["kind"] == "gitlab":
            about = {"iid": number, "last_commit": {"id": head}, "updated_at": at, "target_branch": "main"}
            payload = connected.payload("gitlab.merge_request", **about, state="opened", action="open", draft=False)
            return connected.gitlab("Merge Request Hook", payload, delivery=f"d-{head}")
        refs = {"head": {"ref": f"numbers{number}", "sha": head}, "base": {"ref": "main", "sha": base}}
        payload = connected.payload("github.pull_request", **refs, number=number, updated_at=at)
        return connected.github("pull_request", payload, delivery=f"d-{head}")

    def analysed(self, version_id: str, *findings: Mapping[str, Any], **about: Any) -> dict[str, Any]:
        """Store what analysis found and make the event that tells of it; `about`: gate, new_total."""
        analysis_id, gate = str(uuid.uuid4()), about.get("gate", "none")
        key = f"artifacts/{ORG}/{analysis_id}/new-findings.json"
        totals = {"new_total": about.get("new_total", len(findings)), "known_total": 7, "fixed_total": 1}
        conditions = [{"passed": False, "reason": "1 new high finding, 0 allowed"}] if gate == "failed" else []
        told = {"gate": {"result": gate, "conditions": conditions}, "findings": findings, **totals}
        self.deps.store.put(key, json.dumps(told).encode())
        data = {
            "analysis_id": analysis_id,
            "version_id": version_id,
            "new_findings": totals["new_total"],
            "gate": gate,
            "artifacts": {"new-findings.json": key, "findings.sarif": "artifacts/secret"},
            "completed_at": "2026-01-02T03:04:05Z",
        }
        return self.event("analysis.completed", **data)

    def event(self, kind: str, **data: Any) -> dict[str, Any]:
        made = {"id": new_id(), "source": "coderev/analysis", "type": kind, "subject": "s", "orgid": ORG}
        return {**made, "time": "2026-01-02T03:04:05Z", "data": {"project_id": self.project_id, **data}}

    def take(self, *events: Mapping[str, Any]) -> None:
        """Hand events over, as Kafka does."""
        values = [base64.b64encode(json.dumps({"specversion": "1.0", **event}).encode()).decode() for event in events]
        at = {"topic": "coderev.analysis.v1", "partition": 0}
        records = [{**at, "offset": n, "value": value} for n, value in enumerate(values)]
        answered = self.app.handler_map["on_analysis_completed"]({"records": {"coderev.analysis.v1-0": records}}, None)
        assert (answered, self.dead.reasons) == ({"batchItemFailures": []}, [])

    def post(self) -> list[str]:
        """The states of what was worked on."""
        return sorted(self.app.handler_map["post"]({}, None).values())

    def later(self) -> None:
        """Let the time come for all that waits, and leases end."""
        with self.admin.begin() as connection:
            connection.execute(
                sa.text("UPDATE project.post_queue SET run_at = now(), holder = NULL, leased_until = NULL")
            )

    def waits_s(self) -> float:
        """Seconds until what waits is due."""
        query = sa.text("SELECT extract(epoch FROM min(run_at) - now()) FROM project.post_queue")
        with self.admin.begin() as connection:
            return float(connection.execute(query).scalar_one())

    def column(self, what: str, table: str = "postings") -> list[Any]:
        with self.admin.begin() as connection:
            return list(connection.execute(sa.text(f"SELECT {what} FROM project.{table}")).scalars())


def finding(name: str = "f1", line: int = 5, **changes: Any) -> dict[str, Any]:
    about = {"rule": "ruff/F401", "title": "unused import", "severity": "high", "message": f"problem {name}"}
    place = {"path": "a.py", "line": line, "end_line": line, "fix": "", "help": "", "cwe": None, "confidence": "high"}
    return {"id": name, **about, **place, **changes}


def dying(outside: Outside, table: str) -> Outside:
    """A bundle whose first transaction that would write to what `table` names fails, as if it was killed there."""
    from contextlib import contextmanager

    left = [1]

    @contextmanager
    def work(caller: Any) -> Any:
        with outside.deps.work(caller) as made:
            if left and getattr(made, table, None) is not None:
                setattr(made, table, Dead(getattr(made, table), left))
            yield made

    return outside.with_deps(work=work)


class Killed(BaseException):
    """Nobody catches this."""


class Dead:
    """Dies at its first write."""

    def __init__(self, inner: Any, left: list[int]) -> None:
        self._inner, self._left = inner, left

    def __getattr__(self, name: str) -> Any:
        if name in ("put", "remember", "record") and self._left:
            self._left.clear()
            raise Killed(name)
        return getattr(self._inner, name)


__all__ = ["BASE", "CHANGED", "Buried", "Killed", "Outside", "dying", "finding"]
