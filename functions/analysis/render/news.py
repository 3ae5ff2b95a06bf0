"""New findings as JSON, for whoever posts them back to where the code came from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from functions.analysis.lifecycle import Analysis
from functions.analysis.results import ListedFinding

MOST = 500
_DUMPS = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def render(analysis: Analysis, news: Sequence[ListedFinding], verdict: Mapping[str, Any] | None) -> bytes:
    """`news` are new and open, worst first; `verdict` is what the gate said, with its conditions."""
    told = {
        "analysis_id": analysis.id,
        "project_id": analysis.project_id,
        "version_id": analysis.version_id,
        "commit": analysis.commit,
        "branch": analysis.branch,
        "gate": {"result": analysis.gate or "none", **(verdict or {})},
        "totals": {
            "files": analysis.totals.files,
            "lines": analysis.totals.lines,
            "by_severity": dict(analysis.findings_by_severity),
            "new_by_severity": dict(analysis.new_by_severity),
        },
        "findings": [_finding(found, analysis.project_id) for found in news[:MOST]],
        "new_total": analysis.new_findings,
        "known_total": sum(analysis.findings_by_severity.values()) - analysis.new_findings,
        "fixed_total": analysis.fixed_findings,
        "dismissed_total": analysis.dismissed_findings,
        "url_path": f"/v1/analyses/{analysis.id}",
    }
    return _DUMPS(told).encode(errors="replace")


def _finding(found: ListedFinding, project_id: str) -> dict[str, Any]:
    plain = ("rule", "title", "severity", "confidence", "message", "help", "fix", "path", "line", "end_line", "cwe")
    return {"id": found.id(project_id)} | {name: getattr(found, name) for name in plain}
