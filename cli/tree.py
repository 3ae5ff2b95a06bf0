"""A source tree as it will be published: its files by content, and what was left out with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cli.names import clashes


@dataclass(frozen=True, slots=True)
class File:
    """`mode` is 100644 or 100755; `sha256` is hexadecimal; `key` is what the tree's reader finds the content by."""

    path: str
    mode: str
    sha256: str
    size_bytes: int
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Skipped:
    """`path` is printable: what is no UTF-8 in it is escaped."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a tree comes from in the history of its repository; `folder` is where git finds that.

    `main` is None where only the server can say whether the branch is the project's main line.
    """

    folder: Path
    commit: str
    branch: str | None = None
    main: bool | None = None
    author: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """`read` returns a file's content and raises UserError when it is no longer what was hashed."""

    files: tuple[File, ...]
    skipped: tuple[Skipped, ...]
    read: Callable[[File], bytes] = field(repr=False)
    origin: Origin | None = None

    @classmethod
    def of(cls, found: Iterable[File | Skipped | None], read: Callable[[File], bytes], origin: Origin | None) -> Tree:
        """Sort what was found, and leave out files whose names clash."""
        everything = list(found)
        files = sorted((each for each in everything if isinstance(each, File)), key=lambda file: file.path)
        clashing = clashes(file.path for file in files)
        skipped = [each for each in everything if isinstance(each, Skipped)]
        skipped += [Skipped(path, reason) for path, reason in clashing.items()]
        kept = tuple(file for file in files if file.path not in clashing)
        return cls(kept, tuple(sorted(skipped, key=lambda one: one.path)), read, origin)

    @property
    def commit(self) -> str | None:
        return self.origin.commit if self.origin else None

    @property
    def total_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)
