"""The report: totals, every file with its measures or the reason why it has none, and the worst findings."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from functions.analysis.lifecycle import Analysis
from functions.analysis.results import FileRow, ListedFinding

WORST = 200
_DUMPS = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def render(analysis: Analysis, files: Iterable[FileRow], worst: Iterable[ListedFinding]) -> bytes:
    head = {
        "analysis_id": analysis.id,
        "project_id": analysis.project_id,
        "version_id": analysis.version_id,
        "baseline_id": analysis.baseline_id,
        "engine_set": analysis.engine_set,
        "totals": _totals(analysis),
        "findings_by_severity": dict(analysis.findings_by_severity),
        "new_findings": analysis.new_findings,
        "languages": dict(analysis.languages),
        "worst": [finding(found, analysis.project_id) for found in worst],
    }
    rows = ",".join(_DUMPS(_file(row)) for row in files)
    return f'{_DUMPS(head)[:-1]},"files":[{rows}]}}'.encode(errors="replace")


def finding(found: ListedFinding, project_id: str) -> dict[str, Any]:
    return {
        "id": found.id(project_id),
        "rule": found.rule,
        "severity": found.severity,
        "confidence": found.confidence,
        "message": found.message,
        "path": found.path,
        "line": found.line,
        "end_line": found.end_line,
        "fingerprint": found.fingerprint,
        "new": found.new,
    }


def _totals(analysis: Analysis) -> dict[str, int]:
    totals = analysis.totals
    return {name: getattr(totals, name) for name in totals.__slots__}


def _file(row: FileRow) -> dict[str, Any]:
    return {
        "path": row.path,
        "language": row.language,
        "status": row.status,
        **({"reason": row.reason} if row.reason else {}),
        "lines": row.lines,
        "code_lines": row.code_lines,
        "functions": row.functions,
        "cyclomatic_max": row.max_cyclomatic,
        "cognitive_max": row.max_cognitive,
        "maintainability": row.maintainability,
    }
