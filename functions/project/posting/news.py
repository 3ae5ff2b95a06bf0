"""What an analysis found anew, as its artifact `new-findings.json` tells it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SEVERITIES = ("critical", "high", "medium", "low", "info")


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding that is new and open. `line` is 0 if it has none."""

    id: str
    rule: str
    severity: str
    title: str
    message: str
    fix: str
    path: str
    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class News:
    """`findings` come worst first and may be fewer than `new_total`; `gate` is passed, failed, none or unknown."""

    findings: tuple[Finding, ...]
    new_total: int
    known_total: int
    fixed_total: int
    gate: str
    reasons: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        return len(self.findings) >= self.new_total

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(finding.id for finding in self.findings)


def read(data: bytes, gate: str) -> News:
    """The news with the newest verdict, which may be later than the artifact. Raises ValueError."""
    said = json.loads(data)
    verdict = said.get("gate") or {}
    same = verdict.get("result") == gate
    return News(
        findings=tuple(_finding(one) for one in said["findings"]),
        new_total=int(said["new_total"]),
        known_total=int(said["known_total"]),
        fixed_total=int(said["fixed_total"]),
        gate=gate,
        reasons=tuple(_reasons(verdict)) if same and gate == "failed" else (),
    )


def _finding(said: Mapping[str, Any]) -> Finding:
    line = int(said.get("line") or 0)
    texts = {name: str(said.get(name) or "") for name in ("id", "rule", "severity", "title", "message", "fix", "path")}
    return Finding(**texts, line=line, end_line=max(int(said.get("end_line") or 0), line))


def _reasons(verdict: Mapping[str, Any]) -> list[str]:
    conditions = verdict.get("conditions") or []
    failed = [one for one in conditions if isinstance(one, dict) and one.get("passed") is False]
    return [str(one.get("reason") or "") for one in failed if one.get("reason")][:10]
