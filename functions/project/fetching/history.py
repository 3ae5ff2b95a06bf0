"""The commits before a version as JSON lines: who changed which files when, and by how many lines.

Lines are counted as sets with repetition: a line that moved within its file counts neither as added nor as
deleted. That is linear where a real difference is quadratic, and says how much of a file is new.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from functions.project.fetching.bounds import (
    BULK,
    DEEPEST_TREE,
    LARGEST_COMPARED,
    MOST_COMPARED,
    MOST_ENTRIES,
)
from functions.project.fetching.contents import BLOB, Contents, Entry, Made
from functions.project.fetching.trees import FOLDER, LINK, SUBMODULE
from functions.project.limits import LARGEST_HISTORY, LONGEST_PATH, MOST_COMMITS

Change = tuple[str, int | None, int | None]  # path, added and deleted lines; None for data
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def history(contents: Contents, head: str) -> bytes:
    """The commits up to `head`, newest first, one JSON object a line; merges and bulk changes name no files.

    Raises Invalid if an object is broken.
    """
    lines: list[bytes] = []
    size, reader = 0, _Reader(contents)
    for made in contents.walk(head):
        files = reader.changes(made)
        if files is None:
            continue
        line = f"{_encode({'commit': made.sha, 'at': made.at, 'author': made.author[:200], 'files': files})}\n".encode()
        size += len(line)
        if len(lines) >= MOST_COMMITS or size >= LARGEST_HISTORY:
            break
        lines.append(line)
    return b"".join(lines)


class _Enough(Exception):
    """A commit changes too much to be read."""


@dataclass(slots=True)
class _Reader:
    contents: Contents
    left_bytes: int = MOST_COMPARED
    left_entries: int = MOST_ENTRIES
    visited: int = field(default=0)

    def changes(self, made: Made) -> list[Change] | None:
        """What the commit changed in each file; None if what was before was not sent."""
        if len(made.parents) > 1:
            return []
        before = self.contents.commit(made.parents[0]) if made.parents else None
        if made.parents and before is None:
            return None
        found: list[tuple[bytes, str | None, str | None]] = []
        try:
            for change in self._differences(before.tree if before else None, made.tree):
                found.append(change)
                if len(found) > BULK:
                    return []
        except _Enough:
            return []
        counted = (self._counted(*change) for change in found if len(change[0]) <= LONGEST_PATH)
        return sorted(counted, key=lambda change: change[0])

    def _differences(
        self, old: str | None, new: str | None, folder: bytes = b"", depth: int = 0
    ) -> Iterator[tuple[bytes, str | None, str | None]]:
        if depth > DEEPEST_TREE:
            raise _Enough
        before, after = self._entries(old), self._entries(new)
        for name in sorted(before.keys() | after.keys()):
            was, now = before.get(name), after.get(name)
            if was is not None and now is not None and (was.mode, was.sha) == (now.mode, now.sha):
                continue
            path = folder + name
            if _is(was, FOLDER) or _is(now, FOLDER):
                folders = (_sha(was) if _is(was, FOLDER) else None, _sha(now) if _is(now, FOLDER) else None)
                yield from self._differences(*folders, path + b"/", depth + 1)
            files = (None if _is(was, FOLDER) else _sha(was), None if _is(now, FOLDER) else _sha(now))
            if files != (None, None) and not _is(now or was, LINK) and not _is(now or was, SUBMODULE):
                yield path, *files

    def _entries(self, tree: str | None) -> dict[bytes, Entry]:
        entries = self.contents.tree(tree) if tree is not None else ()
        self.left_entries -= len(entries)
        if self.left_entries < 0:
            raise _Enough
        return {entry.name: entry for entry in entries}

    def _counted(self, path: bytes, old: str | None, new: str | None) -> Change:
        before, after = self._lines(old), self._lines(new)
        shown = path.decode("utf-8", "replace")
        if before is None or after is None:
            return shown, None, None
        return shown, (after - before).total(), (before - after).total()

    def _lines(self, sha: str | None) -> Counter[bytes] | None:
        """The lines of a content; None if it is data, large, or not to be had."""
        if sha is None:
            return Counter()
        data = self.contents.raw(sha, BLOB) if self.left_bytes > 0 else None
        if data is None or len(data) > LARGEST_COMPARED or b"\0" in data[:8_000]:
            return None
        self.left_bytes -= len(data)
        return Counter(data.splitlines())


def _is(entry: Entry | None, mode: int) -> bool:
    return entry is not None and entry.mode == mode


def _sha(entry: Entry | None) -> str | None:
    return entry.sha if entry is not None else None
