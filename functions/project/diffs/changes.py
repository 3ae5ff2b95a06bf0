"""Files that differ between two versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from functions.project.diffs.hunks import Hunk
from functions.project.limits import LARGEST_COMPARED
from functions.project.manifests import Placed
from functions.project.model import Version


class Status(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


class Note(StrEnum):
    """Why a file's lines were not compared."""

    BINARY = "binary"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs; `similarity` is in per cent."""

    path: str
    status: Status
    old: Placed | None
    new: Placed | None
    similarity: int | None = None

    @property
    def sides(self) -> list[Placed]:
        return [side for side in (self.old, self.new) if side is not None]

    @property
    def size_bytes(self) -> int:
        return sum(side.size_bytes for side in self.sides)

    @property
    def comparable(self) -> bool:
        return all(side.size_bytes <= LARGEST_COMPARED for side in self.sides)


@dataclass(frozen=True, slots=True)
class Counted:
    """A change and how many lines it added and removed, and, if asked for, which."""

    change: FileChange
    additions: int | None = None
    deletions: int | None = None
    note: Note | None = None
    hunks: Sequence[Hunk] | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes, sorted by path. `complete` is false if renames were only found by equal contents."""

    version: Version
    against: Version | None
    changes: Sequence[FileChange]
    complete: bool

    @property
    def totals(self) -> Mapping[Status, int]:
        return Counter(change.status for change in self.changes)
