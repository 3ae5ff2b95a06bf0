"""What the engines' documents become in the store, and what an analysis reads back. Pure values."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from functions.analysis.lifecycle import Totals
from functions.analysis.model import Finding, Function, Metrics, Severity

Document: TypeAlias = dict[str, Any]
"""A file's result as `engines.codec` writes it."""

SEVERITIES = tuple(severity.value for severity in Severity)
RANK = {name: rank for rank, name in enumerate(SEVERITIES)}
_METRIC = {name: place for place, name in enumerate(Metrics.__slots__)}
_CYCLOMATIC = list(Function.__slots__).index("cyclomatic")
COMPLEX = 10  # cyclomatic complexity above which a function is complex: McCabe 1976
_OUTLINE = ("functions", "classes", "constants", "imports", "status", "language")


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of an analysis with what its content says; `result_id` is None while nobody has read it."""

    seq: int
    path: str
    language_key: str
    result_id: int | None = None
    language: str | None = None
    status: str | None = None
    reason: str | None = None
    notes: str = ""
    lines: int = 0
    code_lines: int = 0
    functions: int = 0
    max_cyclomatic: int = 0
    max_cognitive: int = 0
    maintainability: float | None = None


@dataclass(frozen=True, slots=True)
class ListedFinding:
    """A finding at its place in an analysis: file `seq`, number `n` within the content."""

    seq: int
    n: int
    path: str
    rank: int
    rule: str
    title: str
    message: str
    confidence: str
    line: int
    column: int
    end_line: int
    end_column: int
    fingerprint: str
    cwe: int | None
    help: str
    fix: str
    owasp: str = ""
    new: bool = False  # the baseline has it not, and nobody dismissed it
    problem_id: str | None = None
    state: str = "open"  # or dismissed: what an analysis has is not fixed in it
    first_analysis_id: str | None = None
    first_version_id: str | None = None
    reason: str | None = None  # of the dismissal, as are the fields below
    comment: str | None = None
    dismissed_by: str | None = None
    dismissed_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def severity(self) -> str:
        return SEVERITIES[self.rank]

    def id(self, project_id: str) -> str:
        """The same for the same problem in all versions of a project, wherever its code moves.

        While an analysis runs, its findings have the ids that they would get if all of them were new.
        """
        return self.problem_id or problem_id(project_id, self.path, self.fingerprint)


@dataclass(frozen=True, slots=True)
class Listing:
    """Which findings are wanted: empty or None means all. `after` is (rank, seq, n) of the last one seen."""

    severities: tuple[str, ...] = ()
    path: str | None = None
    new: bool | None = None
    after: tuple[int, int, int] | None = None
    limit: int = 50
    rule: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Findings of an analysis by severity; dismissed ones are counted in `dismissed` alone."""

    open: Mapping[str, int]
    new: Mapping[str, int]
    dismissed: int


@dataclass(frozen=True, slots=True)
class Whole:
    """What an engine says about a project: findings by path, and figures by name."""

    findings: Mapping[str, Sequence[Finding]] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summary:
    totals: Totals
    findings_by_severity: Mapping[str, int]
    languages: Mapping[str, int]


def problem_id(project_id: str, path: str, fingerprint: str, again: int = 0) -> str:
    """The same in every run over the same versions. `again` counts problems that began alike and are others."""
    name = f"{path}\0{fingerprint}" + (f"\0{again}" if again else "")
    return str(uuid.uuid5(uuid.UUID(project_id), name))


def columns(document: Document) -> dict[str, Any]:
    """The searchable part of a document, by column of `file_results`."""
    metrics = document["metrics"]
    counts = dict.fromkeys(SEVERITIES, 0)
    for finding in document["findings"]:
        counts[finding[3]] += 1
    return {
        "sha256": bytes.fromhex(document["sha256"]),
        "engine_set": document["engines"],
        "language": document["language"],
        "status": document["status"],
        "reason": document["reason"],
        "notes": _text("\n".join(document["notes"])),
        "lines": metrics[_METRIC["lines"]],
        "code_lines": metrics[_METRIC["code"]],
        "functions": metrics[_METRIC["functions"]],
        "max_cyclomatic": metrics[_METRIC["max_cyclomatic"]],
        "complex_functions": sum(row[_CYCLOMATIC] > COMPLEX for row in document["functions"]),
        "max_cognitive": metrics[_METRIC["max_cognitive"]],
        "maintainability": metrics[_METRIC["maintainability"]],
        **counts,
        "tokens": base64.b64decode(document.get("tokens", "")) or None,
    }


def outline_of(document: Document) -> Document:
    return {name: document[name] for name in _OUTLINE}


def calls_of(document: Document) -> Document:
    return {"callers": document["callers"], "calls": document["calls"]}


def finding_rows(document: Document) -> list[tuple[Any, ...]]:
    """The columns of `findings` behind the keys: rank, rule, title, message, confidence and so on."""
    scopes = [(row[3], row[4], row[1]) for row in document["functions"]]
    scopes += [(row[2], row[3], row[1]) for row in document["classes"]]
    return [
        (
            RANK[row[3]],
            row[0],
            _text(row[1]),
            _text(row[2]),
            row[4],
            *row[5:11],
            _text(row[11]),
            _text(row[12]),
            row[13],
            row[14],
            symbol_at(scopes, row[5]),
        )
        for row in sorted(document["findings"], key=lambda row: (row[5], row[6], row[0]))
    ]


def symbol_at(scopes: Sequence[tuple[int, int, str]], line: int) -> str:
    """The qualified name of the innermost function or class (first line, last line, name) that holds `line`."""
    around = [(first - last, first, name) for first, last, name in scopes if first <= line <= last]
    return _text(max(around)[2]) if around else ""


def _text(said: str) -> str:
    """PostgreSQL's text holds neither NUL nor half a surrogate pair."""
    return said.replace("\0", "\ufffd").encode(errors="replace").decode()
