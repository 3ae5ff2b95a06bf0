"""Contents that a server is known to have, so that an unchanged tree need not be asked about again.

The server has the last word: it refuses a version whose contents it lacks, and is then asked about all of them.
Losing the memory costs a question only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cli import environment, files
from cli.errors import UserError


class Known:
    """What one project of one server had when a version of it was last published from here."""

    def __init__(self, server: str, project_id: str, folder: Path | None = None) -> None:
        name = hashlib.sha256(f"{server} {project_id}".encode()).hexdigest()[:24]
        self._path = (folder or environment.cache_dir()) / "known" / f"{name}.json"
        self._hashes: frozenset[str] = frozenset()
        with suppress(UserError):
            kept = files.read_object(self._path).get("sha256")
            self._hashes = frozenset(map(str, kept)) if isinstance(kept, list) else frozenset()

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self._hashes

    def forget(self) -> None:
        self._hashes = frozenset()

    def keep(self, hashes: Iterable[str]) -> None:
        """Remember the contents of the version that was just published; a full disk is no reason to fail."""
        now = frozenset(hashes)
        if now != self._hashes:
            with suppress(UserError):
                files.write_object(self._path, {"sha256": sorted(now)})
