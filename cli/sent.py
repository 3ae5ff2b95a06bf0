"""The history that a server was sent last, so that it is not told again for the same commit.

The server has the last word: it refuses a version whose history it lacks. Losing the memory costs time only.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress

from cli import environment, files
from cli.errors import UserError


class Sent:
    """What one project of one server was sent."""

    def __init__(self, server: str, project_id: str) -> None:
        name = hashlib.sha256(f"{server} {project_id}".encode()).hexdigest()[:24]
        self._path = environment.cache_dir() / "sent" / f"{name}.json"

    def history_of(self, commit: str) -> str | None:
        """SHA-256 of the history of a commit."""
        with suppress(UserError):
            kept = files.read_object(self._path)
            return str(kept["history"]) if kept.get("commit") == commit and kept.get("history") else None
        return None

    def keep_history(self, commit: str, sha256: str) -> None:
        with suppress(UserError):
            files.write_object(self._path, {"commit": commit, "history": sha256})

    def forget(self) -> None:
        with suppress(UserError):
            files.write_object(self._path, {})
