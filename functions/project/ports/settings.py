"""Settings of projects, as the use cases see them."""

from __future__ import annotations

from typing import Protocol

from functions.project.baselines import Lines
from functions.project.settings import Kept, Revision

__all__ = ["Lines", "ProjectSettings"]


class ProjectSettings(Protocol):
    def of(self, project_id: str) -> Kept:
        """What is stored, or the defaults if nobody ever changed them."""
        ...

    def save(self, kept: Kept, entry: Revision) -> None:
        """Store the next revision and its entry in the history. Raises Stale if somebody else stored it first."""
        ...

    def history(self, project_id: str, *, before: str | None, limit: int) -> list[Revision]:
        """Up to `limit` entries, newest first, beginning behind the id `before`."""
        ...

    def entry(self, project_id: str, revision: int) -> Revision:
        """Raises NotFound."""
        ...
