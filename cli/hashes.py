"""Content hashes remembered between runs, so that an unchanged file is not read again.

A file counts as unchanged when modification time, change time, size and inode are those that were hashed; what
was touched less than two seconds before it was hashed is not remembered, because a later change in the same tick
would not show. Losing the memory costs time only.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cli import environment, files
from cli.errors import UserError

_TICK_NS = 2_000_000_000
_MOST = 100_000
Mark = list[int]


class Hashes:
    """`scope` names what the keys are relative to: a folder, or a repository's objects."""

    def __init__(self, scope: str, folder: Path | None = None) -> None:
        name = hashlib.sha256(scope.encode("utf-8", "surrogateescape")).hexdigest()[:24]
        self._path = (folder or environment.cache_dir()) / "hashes" / f"{name}.json"
        self._known: Mapping[str, list[object]] = {}
        self._next: dict[str, list[object]] = {}
        with suppress(UserError):
            self._known = files.read_object(self._path)

    def get(self, key: str, mark: Mark) -> str | None:
        """The hash of what had this mark."""
        entry = self._known.get(key)
        if not isinstance(entry, list) or entry[:-1] != mark:
            return None
        self._next[key] = entry
        return str(entry[-1])

    def put(self, key: str, mark: Mark, sha256: str) -> None:
        if len(self._next) < _MOST:
            self._next[key] = [*mark, sha256]

    def save(self) -> None:
        """Keep what this run used; a full or read-only disk is no reason to fail."""
        if self._next != self._known:
            with suppress(UserError):
                files.write_object(self._path, self._next)


def mark_of(found: os.stat_result) -> Mark | None:
    """What identifies a state of a file; None when it is too young to be trusted."""
    if time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) < _TICK_NS:
        return None
    return [found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino]
