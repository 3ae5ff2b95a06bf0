"""The commits before a version, for hotspots and change coupling: who changed which files how much, and when.

One JSON object a line, newest first: `commit`, `at` (RFC 3339), `author` and `files` as [path, lines added, lines
deleted]. Binary files count no lines. Bounded by number, size and time: less history is better than a late review.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cli import git
from cli.errors import UserError

MOST_COMMITS = 1_000
MOST_FILES = 500  # of a commit: larger ones move code, and couple everything with everything
LARGEST_BYTES = 8_000_000
WITHIN_S = 20.0
_FORMAT = "%x01%H%x00%aI%x00%an <%ae>"


def of(folder: Path, commit: str) -> bytes:
    """The history of `commit` below `folder`; empty where git cannot tell it in time."""
    said = None
    with suppress(UserError):
        said = git.run(
            folder,
            *("log", "--numstat", "--no-renames", "--no-ext-diff", "--no-textconv", "-z", "--relative"),
            f"-n{MOST_COMMITS}",
            *(f"--format={_FORMAT}", commit, "--"),
            timeout_s=WITHIN_S,
        )
    kept, size = [], 0
    for line in map(_encoded, _commits(said or b"")):
        size += len(line)
        if size > LARGEST_BYTES:
            break
        kept.append(line)
    return b"".join(kept)


def _commits(said: bytes) -> Iterator[dict[str, object]]:
    """With `-z` a commit is its header and then its files, each ended by NUL."""
    for record in said.split(b"\x01")[1:]:
        commit, at, author, *changes = record.decode("utf-8", "replace").split("\0")
        files = list(filter(None, map(_file, changes)))
        if files and len(files) <= MOST_FILES:
            yield {"commit": commit, "at": at, "author": author, "files": files}


def _file(change: str) -> list[object] | None:
    parts = change.lstrip("\n").split("\t", 2)
    if len(parts) != 3 or not parts[2]:
        return None
    return [parts[2], *(int(part) if part.isdigit() else 0 for part in parts[:2])]


def _encoded(commit: dict[str, object]) -> bytes:
    return (json.dumps(commit, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8", "replace")
