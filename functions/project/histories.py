"""Commits that lead to a version, newest first, one JSON object a line. Standard library only.

    {"commit": "<hash>", "at": "<RFC 3339>", "author": "<name>", "files": [["<path>", added, deleted], …]}

`added` and `deleted` count lines; both are null for a binary file. Paths are data that nobody opens: those of
commits from long ago may break rules that a version's keep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from functions.project.limits import LARGEST_HISTORY, LONGEST_COMMIT, MOST_COMMITS
from kernel.errors import Invalid, TooLarge

_HASH = re.compile(r"^[0-9a-f]{7,64}\Z")
_FIELDS = {"commit", "at", "author", "files"}
LONGEST_TEXT = 4_096
MOST_LINES = 2**31


def check_history(path: Path) -> None:
    """Read a history line by line.

    Raises:
        Invalid: a line is not a commit (`malformed_history`).
        TooLarge: too many commits (`too_many_commits`) or bytes.
    """
    with path.open("rb") as file:
        check_lines(iter(lambda: file.readline(LONGEST_COMMIT + 1), b""))


def check_lines(lines: Iterable[bytes]) -> None:
    """The same for its lines, with or without their ends."""
    commits = total = 0
    for line in lines:
        total += len(line) + (not line.endswith(b"\n"))
        if total > LARGEST_HISTORY + 1 or len(line) > LONGEST_COMMIT:
            raise TooLarge(f"a history has at most {LARGEST_HISTORY} bytes", code="history_too_large")
        if not line.strip():
            continue
        commits += 1
        if commits > MOST_COMMITS:
            raise TooLarge(f"a history has at most {MOST_COMMITS} commits", code="too_many_commits")
        if not _is_commit(line):
            raise Invalid(f"commit {commits} of the history cannot be read", code="malformed_history")


def _is_commit(line: bytes) -> bool:
    try:
        said = json.loads(line.decode())
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict) or said.keys() != _FIELDS:
        return False
    files = said["files"]
    return (
        isinstance(said["commit"], str)
        and _HASH.match(said["commit"]) is not None
        and _is_text(said["author"])
        and _is_moment(said["at"])
        and isinstance(files, list)
        and all(map(_is_change, files))
    )


def _is_moment(said: Any) -> bool:
    try:
        return isinstance(said, str) and datetime.fromisoformat(said).tzinfo is not None
    except ValueError:
        return False


def _is_change(said: Any) -> bool:
    if not isinstance(said, list) or len(said) != 3:
        return False
    path, *counts = said
    return _is_text(path) and path != "" and (counts == [None, None] or all(map(_is_count, counts)))


def _is_count(said: Any) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and 0 <= said < MOST_LINES


def _is_text(said: Any) -> bool:
    """JSON may hold halves of surrogate pairs, which no store takes."""
    return isinstance(said, str) and len(said) <= LONGEST_TEXT and "\0" not in said and _is_utf8(said)


def _is_utf8(said: str) -> bool:
    try:
        said.encode()
    except UnicodeEncodeError:
        return False
    return True
