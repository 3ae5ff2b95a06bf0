"""What git says of the past: which files changed together, how often, how much, by how many.

The object is a commit a line, newest first, as project stored it from whoever published the version, so each line
is read with distrust: what is malformed is left out and counted. Renames are not followed: a file's past begins
where it got its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

MOST_COMMITS = 2_000
LARGEST_BYTES = 8 * 1024 * 1024
MOST_FILES = 2_000  # of one commit
_LONGEST_PATH = 4_096
_MOST_LINES = 10_000_000


class Touched(NamedTuple):
    path: str
    added: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Commit:
    at: str  # RFC 3339
    author: str
    files: tuple[Touched, ...]


@dataclass(frozen=True, slots=True)
class History:
    """`ignored` counts lines that could not be read; `cut` says that the object or its list went on."""

    commits: tuple[Commit, ...] = ()
    ignored: int = 0
    cut: bool = False

    @classmethod
    def read(cls, data: bytes) -> History:
        """Never raises."""
        commits: list[Commit] = []
        lines = data[:LARGEST_BYTES].split(b"\n", MOST_COMMITS + 1)
        ignored = 0
        for line in filter(bytes.strip, lines[:MOST_COMMITS]):
            commit = _commit(line)
            if commit is None:
                ignored += 1
            else:
                commits.append(commit)
        cut = len(data) > LARGEST_BYTES or any(map(bytes.strip, lines[MOST_COMMITS:]))
        return cls(tuple(commits), ignored, cut)

    @property
    def since(self) -> str | None:
        return min((commit.at for commit in self.commits), key=datetime.fromisoformat, default=None)


def _commit(line: bytes) -> Commit | None:
    try:
        said = json.loads(line)
        at, files = str(said["at"]), said["files"]
        if datetime.fromisoformat(at).tzinfo is None or not isinstance(files, list):
            return None
        return Commit(at, str(said.get("author", ""))[:200], tuple(_touched(files[:MOST_FILES])))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _touched(rows: list[Any]) -> Iterator[Touched]:
    """Each path once; counts of binary files, which git does not give, are none."""
    seen = set()
    for row in rows:
        path, added, deleted = row
        if isinstance(path, str) and 0 < len(path) <= _LONGEST_PATH and path not in seen:
            seen.add(path)
            yield Touched(path, _count(added), _count(deleted))


def _count(value: object) -> int:
    return min(max(value, 0), _MOST_LINES) if isinstance(value, int) and not isinstance(value, bool) else 0
