"""Which lines of a pull request's newest head are new against what it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from functions.project.diffs.hunks import Hunk
from functions.project.ports import Deps
from functions.project.posting.news import Finding
from functions.project.repositories import PullRequest
from functions.project.service import diffing
from kernel.errors import NotFound
from kernel.identity import Caller

MOST_FILES = 100


@dataclass(frozen=True, slots=True)
class Changed:
    """A file with the numbers of its added lines; `old_path` is its former path."""

    old_path: str
    lines: frozenset[int]

    def line_of(self, finding: Finding) -> int | None:
        """The first changed line of a finding, or None."""
        if finding.line in self.lines:
            return finding.line
        return min((line for line in self.lines if finding.line <= line <= finding.end_line), default=None)


def changed_lines(deps: Deps, caller: Caller, pull: PullRequest, paths: Sequence[str]) -> dict[str, Changed]:
    """The changed files among `paths`, a hundred at most. Raises Unavailable."""
    if pull.version_id is None or pull.base_version_id is None:
        return {}
    try:
        comparison = diffing.compare(deps, caller, version_id=pull.version_id, against=pull.base_version_id)
    except NotFound:
        return {}
    present = {change.path: change for change in comparison.changes if change.new is not None}
    found = {}
    for path in list(dict.fromkeys(path for path in paths if path in present))[:MOST_FILES]:
        change = present[path]
        counted = diffing.one(deps, comparison, path)
        old_path = change.old.path if change.old is not None else path
        found[path] = Changed(old_path, frozenset(_added(counted.hunks or ())))
    return found


def _added(hunks: Iterable[Hunk]) -> Iterator[int]:
    for hunk in hunks:
        number = hunk.new_start
        for line in hunk.lines:
            if line.startswith("+"):
                yield number
            number += line.startswith(("+", " "))
