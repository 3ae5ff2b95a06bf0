"""The report as JSON: totals, every file with its measures or the reason why it has none, and the worst findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from functions.analysis.lifecycle import Analysis
from functions.analysis.results import FileRow, ListedFinding

WORST = 200
MOST_FILES = 100_000
_DUMPS = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def render(analysis: Analysis, files: Iterable[FileRow], worst: Iterable[ListedFinding]) -> Iterator[bytes]:
    """In pieces; files beyond `MOST_FILES` are left out, as the totals show."""
    head = {
        "analysis_id": analysis.id,
        "project_id": analysis.project_id,
        "version_id": analysis.version_id,
        "branch": analysis.branch,
        "commit": analysis.commit,
        "baseline_id": analysis.baseline_id,
        "engine_set": analysis.engine_set,
        "gate": analysis.gate,
        "totals": _totals(analysis),
        "measures": dict(sorted(analysis.measures.items())),
        "findings_by_severity": dict(analysis.findings_by_severity),
        "new_by_severity": dict(analysis.new_by_severity),
        "new_findings": analysis.new_findings,
        "dismissed_findings": analysis.dismissed_findings,
        "fixed_findings": analysis.fixed_findings,
        "languages": by_size(analysis.languages),
        "notes": list(analysis.notes),
        "worst": [finding(found, analysis.project_id) for found in worst],
    }
    yield f'{_DUMPS(head)[:-1]},"files":['.encode(errors="replace")
    for number, row in enumerate(files):
        if number == MOST_FILES:
            break
        yield (("," if number else "") + _DUMPS(_file(row))).encode(errors="replace")
    yield b"]}"


def by_size(languages: Mapping[str, int]) -> dict[str, int]:
    """The largest first, in whatever order the store kept them."""
    return dict(sorted(languages.items(), key=lambda item: (-item[1], item[0])))


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
        "state": found.state,
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
