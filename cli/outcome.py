"""What a review found, complete, before it is shown in any format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.records import SEVERITIES, Analysis, Artifact, Finding, Json, Review, rank
from cli.tree import Skipped

SCHEMA = "coderev.review/1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`findings` are what is shown: all, or only the new ones. `review` is None when there is none (in time)."""

    server: str
    project: str
    version_id: str
    analysis: Analysis
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    artifacts: tuple[Artifact, ...]
    review: Review | None
    only_new: bool = False
    gate: Json = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def by_severity(self) -> dict[str, int]:
        """How many findings are shown, worst first, zeros included."""
        found = dict.fromkeys(SEVERITIES, 0)
        for finding in self.findings:
            found[finding.severity] = found.get(finding.severity, 0) + 1
        return found

    def fails(self, threshold: str | None) -> bool:
        """Whether a finding is as bad as `threshold`, or worse."""
        return threshold is not None and any(rank(finding.severity) <= rank(threshold) for finding in self.findings)

    @property
    def passes_gate(self) -> bool:
        """Whether the project's quality gate lets it pass; one that could not be decided does not."""
        return self.gate.get("status") in ("passed", "none")

    def document(self, threshold: str | None) -> dict[str, Any]:
        """The whole as one JSON object; fields are added, never renamed, as long as `schema` stays."""
        return {
            "schema": SCHEMA,
            "server": self.server,
            "project": self.project,
            "version_id": self.version_id,
            "analysis": dict(self.analysis.raw),
            "only_new": self.only_new,
            "findings_by_severity": self.by_severity,
            "findings": [dict(finding.raw) for finding in self.findings],
            "skipped": [{"path": each.path, "reason": each.reason} for each in self.skipped],
            "artifacts": [
                {"name": each.name, "content_type": each.content_type, "size_bytes": each.size_bytes, "url": each.url}
                for each in self.artifacts
            ],
            "review": dict(self.review.raw) if self.review else None,
            "gate": {"fail_on": threshold, "passed": not self.fails(threshold)},
            "quality_gate": dict(self.gate),
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }
