"""SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/. At most what GitHub takes.

Limits: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning.
Results come before the rules that they name, so that a log is written while findings are still read.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from functions.analysis.lifecycle import Analysis
from functions.analysis.results import ListedFinding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 25_000  # in a run; more are refused
SHOWN_RESULTS = 5_000  # of a run; so the worst come first
MOST_RULES = 25_000
MOST_TAGS = 20
LARGEST_GZIP_BYTES = 10_000_000
LONGEST_TEXT = 2_000  # characters of a message or a help
LEVEL = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
SCORE = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "info": "0.0"}  # as GitHub bands them
_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}
_ROOM = 200_000  # compressed bytes kept for what stands behind the results
_DUMPS = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class _Budget:
    """Counts what text is compressed to. Text that is small enough as it is need not be compressed for that."""

    def __init__(self, limit: int) -> None:
        self._limit, self._raw, self._packed = limit, 0, 0
        self._kept: list[bytes] = []
        self._compressor = zlib.compressobj(6, zlib.DEFLATED, 31)

    def takes(self, piece: bytes) -> bool:
        self._raw += len(piece)
        self._kept.append(piece)
        if self._raw <= self._limit:
            return True
        self._packed += sum(len(self._compressor.compress(one)) for one in self._kept)
        self._kept.clear()
        return self._packed + 2 * len(piece) <= self._limit


def render(
    findings: Iterable[ListedFinding], analysis: Analysis, *, total: int, limit: int = LARGEST_GZIP_BYTES
) -> Iterator[bytes]:
    """The log of one run, in pieces. `findings` come worst first; `total` says how many there are in all."""
    budget, rules = _Budget(limit - _ROOM), _Rules()
    yield f'{_DUMPS({"$schema": SCHEMA, "version": "2.1.0"})[:-1]},"runs":[{{"results":['.encode()
    listed = 0
    for found in findings:
        number = rules.number(found)
        if number is None:
            continue
        piece = _DUMPS(_result(found, number, analysis.project_id)).encode(errors="replace")
        if listed == MOST_RESULTS or not budget.takes(piece):
            break
        yield b"," + piece if listed else piece
        listed += 1
    yield f"],{_DUMPS(_run(analysis, rules.described, total, listed))[1:]}]}}".encode(errors="replace")


def _run(analysis: Analysis, rules: list[dict[str, Any]], total: int, listed: int) -> dict[str, Any]:
    origin = {"commit": analysis.commit, "branch": analysis.branch}
    properties = {"project": analysis.project_id, "version": analysis.version_id, "findings": total, "listed": listed}
    return {
        "tool": {"driver": {"name": "coderev", "rules": rules}},
        "automationDetails": {"id": "coderev/"},
        "columnKind": "unicodeCodePoints",
        "properties": properties | {name: value for name, value in origin.items() if value},
    }


class _Rules:
    """The rules met so far, each described by the first of its findings."""

    def __init__(self) -> None:
        self.described: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}

    def number(self, found: ListedFinding) -> int | None:
        """None if there is no room for another rule."""
        if found.rule not in self._numbers:
            if len(self._numbers) == MOST_RULES:
                return None
            self._numbers[found.rule] = len(self._numbers)
            self.described.append(_rule(found))
        return self._numbers[found.rule]


def _rule(found: ListedFinding) -> dict[str, Any]:
    title = (found.title or found.rule)[:LONGEST_TEXT]
    rule: dict[str, Any] = {
        "id": found.rule,
        "name": title,
        "shortDescription": {"text": title},
        "defaultConfiguration": {"level": LEVEL[found.severity]},
        "properties": _about(found),
    }
    if found.help.startswith("https://") and not set(found.help) & set(' "<>\\^`{|}'):
        rule["helpUri"] = quote(found.help, safe="/:?&=#%~@!$'()*+,;._-")
    elif found.help:
        rule["help"] = {"text": found.help[:LONGEST_TEXT]}
    return rule


def _about(found: ListedFinding) -> dict[str, Any]:
    """Tags in a fixed order; `security-severity` makes a code scanning service treat a rule as one of security."""
    about: dict[str, Any] = {"precision": found.confidence, "problem.severity": _PROBLEM[LEVEL[found.severity]]}
    tags = [found.rule.partition("/")[0]]
    if found.cwe is not None:
        tags += ["security", f"external/cwe/cwe-{found.cwe:03}"]
        about["security-severity"] = SCORE[found.severity]
    if found.owasp:
        tags.append(f"external/owasp/{found.owasp.lower().replace(':', '-')}")
    return about | {"tags": [tag for tag in dict.fromkeys(tags) if tag][:MOST_TAGS]}


def _result(found: ListedFinding, rule: int, project_id: str) -> dict[str, Any]:
    result = {
        "ruleId": found.rule,
        "ruleIndex": rule,
        "level": LEVEL[found.severity],
        "message": {"text": (found.message or found.title or found.rule)[:LONGEST_TEXT]},
        "locations": [{"physicalLocation": _place(found)}],
        "partialFingerprints": _fingerprints(found, project_id),
        "guid": found.id(project_id),
        "baselineState": "new" if found.new else "unchanged",
        "properties": {"severity": found.severity, "confidence": found.confidence},
    }
    return result | ({"suppressions": [_suppression(found)]} if found.state == "dismissed" else {})


def _place(found: ListedFinding) -> dict[str, Any]:
    line, column = max(found.line, 1), max(found.column, 1)
    end_line = max(found.end_line, line)
    end_column = max(found.end_column, column if end_line == line else 1)
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    uri = quote(found.path.encode(errors="replace"), safe="/~@!$&'()*+,;=-._")
    return {"artifactLocation": {"uri": uri}, "region": region}


def _fingerprints(found: ListedFinding, project_id: str) -> dict[str, str]:
    """What the finding is tracked by, and a hash of its line with which of the equal ones it is, as CodeQL writes it."""
    return {"coderev/v1": found.id(project_id), "primaryLocationLineHash": f"{found.fingerprint[:16]}:1"}


def _suppression(found: ListedFinding) -> Mapping[str, Any]:
    said = ": ".join(filter(None, ((found.reason or "").replace("_", " "), found.comment)))
    told = {"kind": "external", "status": "accepted", "justification": said[:LONGEST_TEXT]}
    at = {"dismissed_at": found.dismissed_at.isoformat()} if found.dismissed_at else {}
    return told | ({"properties": at} if at else {})
