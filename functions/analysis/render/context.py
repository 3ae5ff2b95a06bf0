"""The review context: the few places that are worth a model's attention, ranked and capped.

More context makes reviews worse, so the caps are hard: places, lines and characters of an excerpt, bytes in all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from functions.analysis.lifecycle import Analysis
from functions.analysis.render.report import by_size
from functions.analysis.results import ListedFinding
from kernel.redaction import redact

MOST_PLACES = 20
MOST_OF_A_FILE = 4
MOST_OF_A_RULE = 5
LARGEST_BYTES = 24 * 1024
CANDIDATES = 400
_AROUND = 3  # lines before and after
_LONGEST_LINE = 160  # characters
_LONGEST_EXCERPT = 12  # lines
_HIDDEN = "[redacted: credential]"


def choose(findings: Iterable[ListedFinding], importers: Mapping[str, int]) -> list[ListedFinding]:
    """New before old, severe before mild, then what more files depend on; variety of files and rules."""
    ordered = sorted(findings, key=lambda found: _order(found, importers.get(found.path, 0)))
    chosen: list[ListedFinding] = []
    of_file: dict[str, int] = {}
    of_rule: dict[str, int] = {}
    for found in ordered:
        many = of_file.get(found.path, 0) >= MOST_OF_A_FILE or of_rule.get(found.rule, 0) >= MOST_OF_A_RULE
        if many or len(chosen) == MOST_PLACES:
            continue
        of_file[found.path] = of_file.get(found.path, 0) + 1
        of_rule[found.rule] = of_rule.get(found.rule, 0) + 1
        chosen.append(found)
    return chosen


def _order(found: ListedFinding, importers: int) -> tuple[object, ...]:
    sure = {"high": 0, "medium": 1}.get(found.confidence, 2)
    return (not found.new, found.rank, sure, -importers, found.seq, found.n)


def render(
    analysis: Analysis,
    chosen: Sequence[ListedFinding],
    excerpts: Mapping[tuple[int, int], str],
    importers: Mapping[str, int],
) -> bytes:
    """At most `LARGEST_BYTES`: the last places give way."""
    places = [
        _place(rank, found, analysis, excerpts.get((found.seq, found.n), ""), importers.get(found.path, 0))
        for rank, found in enumerate(chosen, 1)
    ]
    while True:
        body = {"analysis_id": analysis.id, "language_counts": by_size(analysis.languages), "places": places}
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
        if len(text) <= LARGEST_BYTES or not places:
            return text
        places.pop()


def _place(rank: int, found: ListedFinding, analysis: Analysis, excerpt: str, importers: int) -> dict[str, Any]:
    return {
        "path": found.path,
        "line": found.line,
        "end_line": max(found.end_line, found.line),
        "rule": found.rule,
        "severity": found.severity,
        "message": found.message[:400],
        "finding_id": found.id(analysis.project_id),
        "excerpt": excerpt,
        "reason": _reason(found, importers),
        "rank": rank,
    }


def _reason(found: ListedFinding, importers: int) -> str:
    age = "new" if found.new else "known"
    files = "1 file depends" if importers == 1 else f"{importers} files depend"
    return f"{age} finding of {found.severity} severity" + (f"; {files} on this one" if importers else "")


def excerpt(text: str, found: ListedFinding, credentials: Sequence[ListedFinding] = ()) -> str:
    """The lines around a finding, each with its number, without what looks like a secret.

    `credentials` are the findings of credentials in the same file: their lines are left out whole.
    """
    lines = text.splitlines()
    first = max(found.line - _AROUND, 1)
    last = min(max(found.end_line, found.line) + _AROUND, first + _LONGEST_EXCERPT - 1, len(lines))
    hidden = {number for each in credentials for number in range(each.line, max(each.end_line, each.line) + 1)}
    return redact(
        "\n".join(
            f"{number}: {_HIDDEN if number in hidden else lines[number - 1][:_LONGEST_LINE]}"
            for number in range(first, last + 1)
        )
    )
