"""SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/. At most what code scanning services take."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from functions.analysis.results import ListedFinding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 25_000  # GitHub refuses more in a run
LEVEL = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
SCORE = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "info": "0.0"}  # as GitHub bands them
_DUMPS = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def render(findings: Iterable[ListedFinding], *, project_id: str, version_id: str, total: int) -> bytes:
    """The log of one run. `findings` come worst first; `total` says how many there are in all."""
    rules: dict[str, int] = {}
    described: list[dict[str, Any]] = []
    results = []
    for found in findings:
        if found.rule not in rules:
            rules[found.rule] = len(rules)
            described.append(_rule(found))
        results.append(_DUMPS(_result(found, rules[found.rule], project_id)))
    properties = {"project": project_id, "version": version_id, "findings": total, "listed": len(results)}
    driver = {"name": "coderev", "rules": described}
    head = _DUMPS({"$schema": SCHEMA, "version": "2.1.0"})[:-1]
    run = _DUMPS({"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "properties": properties})[:-1]
    return f'{head},"runs":[{run},"results":[{",".join(results)}]}}]}}'.encode(errors="replace")


def _rule(found: ListedFinding) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": found.rule,
        "name": found.title or found.rule,
        "shortDescription": {"text": found.title or found.rule},
        "defaultConfiguration": {"level": LEVEL[found.severity]},
    }
    if found.help.startswith("https://"):
        rule["helpUri"] = found.help
    elif found.help:
        rule["help"] = {"text": found.help}
    if found.cwe is not None:
        score = SCORE[found.severity]
        rule["properties"] = {"tags": ["security", f"external/cwe/cwe-{found.cwe:03}"], "security-severity": score}
    return rule


def _result(found: ListedFinding, rule: int, project_id: str) -> dict[str, Any]:
    region = {
        "startLine": max(found.line, 1),
        "startColumn": max(found.column, 1),
        "endLine": max(found.end_line, found.line, 1),
        "endColumn": max(found.end_column, 1),
    }
    place = {"artifactLocation": {"uri": quote(found.path, safe="/~@!$&'()*+,;=-._")}, "region": region}
    return {
        "ruleId": found.rule,
        "ruleIndex": rule,
        "level": LEVEL[found.severity],
        "message": {"text": found.message or found.title or found.rule},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"coderev/v1": found.fingerprint},
        "guid": found.id(project_id),
        "baselineState": "new" if found.new else "unchanged",
        "properties": _properties(found),
    }


def _properties(found: ListedFinding) -> Mapping[str, object]:
    return {"severity": found.severity, "confidence": found.confidence}
