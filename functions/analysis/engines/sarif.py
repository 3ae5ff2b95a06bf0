"""What other tools say, read from SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/) without trusting it.

A result becomes a finding of the rule `foreign/<tool>/<rule>`. Results that are no problems, or not in the repository, are
counted with the reason. Pure values; where a file lies is decided by `sarif_places`, what a rule means by `sarif_rules`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.analysis.engines import sarif_rules
from functions.analysis.engines.owasp import category
from functions.analysis.engines.sarif_places import Elsewhere, path_of
from functions.analysis.model import Finding

ENGINE = "foreign"
VERSION = "2.1.0"
MOST_RUNS = 20
MOST_RESULTS = 25_000  # what GitHub takes of a run; here of a whole log
LONGEST_TEXT = 4_000
_LARGEST = 2**31 - 1
_NOT_PROBLEMS = {"pass": "passed", "notApplicable": "not applicable", "informational": "informational"}
_STABLE = ("primaryLocationLineHash", "primaryLocationStartColumnFingerprint")
_UNSAFE = re.compile(r"[^a-z0-9]+")
_NUMBERS = re.compile(r"\d+")


class Malformed(ValueError):
    """The log is not what the standard says; the message says where."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one tool says: (path, finding) in a fixed order, and reasons to numbers of results that were left out."""

    tool: str
    findings: Sequence[tuple[str, Finding]]
    left_out: Mapping[str, int]


def read(log: object) -> list[Said]:
    """One for each tool of the log, by name. Raises Malformed."""
    runs = _checked(log)
    by_tool: dict[str, list[Mapping[str, Any]]] = {}
    for number, run in enumerate(runs):
        by_tool.setdefault(_tool(run, number), []).append(run)
    if sum(len(_list(run, "results")) for run in runs) > MOST_RESULTS:
        raise Malformed(f"there are more than {MOST_RESULTS} results")
    return [_said(tool, by_tool[tool]) for tool in sorted(by_tool)]


def _checked(log: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(log, dict) or log.get("version") != VERSION:
        raise Malformed(f"`version` is not {VERSION}")
    runs = log.get("runs")
    if not isinstance(runs, list) or not all(isinstance(run, dict) for run in runs):
        raise Malformed("`runs` is not a list of objects")
    if not 0 < len(runs) <= MOST_RUNS:
        raise Malformed(f"there is not between one and {MOST_RUNS} runs")
    for number, run in enumerate(runs):
        if not all(isinstance(result, dict) for result in _list(run, "results")):
            raise Malformed(f"`runs[{number}].results` is not a list of objects")
    return runs


def _tool(run: Mapping[str, Any], number: int) -> str:
    """The tool's name as a part of a rule."""
    name = _dict(_dict(run, "tool"), "driver").get("name")
    slug = _UNSAFE.sub("-", name.lower()).strip("-")[:60] if isinstance(name, str) else ""
    if not slug:
        raise Malformed(f"`runs[{number}].tool.driver.name` is missing")
    return slug


def _said(tool: str, runs: Sequence[Mapping[str, Any]]) -> Said:
    left_out: Counter[str] = Counter()
    found: list[tuple[str, Finding]] = []
    for run in runs:
        for result in _list(run, "results"):
            reason = _reason(result)
            if reason:
                left_out[reason] += 1
                continue
            try:
                found.append(_finding(tool, run, result))
            except Elsewhere as elsewhere:
                left_out[str(elsewhere)] += 1
    found.sort(key=lambda item: (item[0], item[1].line, item[1].column, item[1].rule, item[1].message))
    return Said(tool, found, dict(sorted(left_out.items())))


def _reason(result: Mapping[str, Any]) -> str:
    """Why a result is no problem of this version; empty if it is one."""
    kind = str(result.get("kind"))
    if kind in _NOT_PROBLEMS:
        return _NOT_PROBLEMS[kind]
    if result.get("baselineState") == "absent":
        return "absent"
    listed = _list(result, "suppressions")
    if listed and all(_dict({"one": one}, "one").get("status") in (None, "accepted") for one in listed):
        return "suppressed"
    return ""


def _finding(tool: str, run: Mapping[str, Any], result: Mapping[str, Any]) -> tuple[str, Finding]:
    """Raises Elsewhere."""
    place = next(_places(result), None)
    if place is None:
        raise Elsewhere("without a place")
    path, region = path_of(run, _dict(place, "artifactLocation")), _dict(place, "region")
    rule = sarif_rules.of(run, result)
    message = _clipped(sarif_rules.message(rule, result)) or rule.title
    line = _number(region, "startLine", 1)
    column, end_line = _number(region, "startColumn", 1), _number(region, "endLine", line)
    cwe = sarif_rules.cwe(rule, result)
    finding = Finding(
        rule=f"{ENGINE}/{tool}/{rule.id}",
        title=_clipped(rule.title)[:200],
        message=message,
        severity=sarif_rules.severity(rule, result),
        confidence=sarif_rules.confidence(rule, result),
        line=line,
        column=column,
        end_line=max(end_line, line),
        end_column=_number(region, "endColumn", column),
        fingerprint=_fingerprint(result, region, message),
        cwe=cwe,
        help=_clipped(rule.help),
        fix=_clipped(_fix(result)),
        owasp=category(cwe),
    )
    return path, finding


def _places(result: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for location in _list(result, "locations"):
        place = _dict(_dict({"one": location}, "one"), "physicalLocation")
        if place:
            yield place


def _fingerprint(result: Mapping[str, Any], region: Mapping[str, Any], message: str) -> str:
    """What the tool knows the problem by; else the source that it quotes, else its words without numbers."""
    for name in ("partialFingerprints", "fingerprints"):
        given = _dict(result, name)
        known = [key for key in _STABLE if key in given] or sorted(given)
        if known and isinstance(given[known[0]], str):
            return f"{known[0]}={given[known[0]]}"[:LONGEST_TEXT]
    quoted = _dict(region, "snippet").get("text")
    return (quoted if isinstance(quoted, str) and quoted.strip() else _NUMBERS.sub("0", message))[:LONGEST_TEXT]


def _fix(result: Mapping[str, Any]) -> str:
    fixes = [_dict({"one": one}, "one") for one in _list(result, "fixes")[:1]]
    text = _dict(fixes[0], "description").get("text") if fixes else ""
    return text if isinstance(text, str) else ""


def _clipped(text: str) -> str:
    return text.strip()[:LONGEST_TEXT]


def _number(said: Mapping[str, Any], name: str, default: int) -> int:
    found = said.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and 1 <= found <= _LARGEST else default


def _dict(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _list(said: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = said.get(name)
    return found if isinstance(found, list) else ()
