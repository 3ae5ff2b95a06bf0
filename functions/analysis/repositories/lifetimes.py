"""Deleted projects, and roles of people in single projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DeletedProject:
    org_id: str
    project_id: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that were deleted; of the artifacts of `analyses` the objects are to go before their rows."""

    rows: int = 0
    analyses: Sequence[str] = ()


class Erasures(Protocol):
    """Projects that were deleted. Whoever adds rows of a project asks `is_gone` in the same transaction."""

    def is_gone(self, project_id: str) -> bool:
        """Whether a project was deleted; if not, nobody says so until the unit of work ends."""
        ...

    def begin(self, project_id: str) -> bool:
        """Say that a project was deleted and cancel its work; whether some of it is being done. Repeats change nothing."""
        ...

    def claim(self, project_id: str, *, seconds: float) -> bool:
        """Begin to erase; False if it is done or somebody else is at it for the next `seconds`."""
        ...

    def postpone(self, project_id: str, *, seconds: float) -> None:
        """Go on after so many seconds."""
        ...

    def end(self, project_id: str) -> None: ...

    def due(self, limit: int) -> Sequence[DeletedProject]:
        """Deleted projects of all organisations that have more to erase."""
        ...

    def analyses(self, project_id: str, *, limit: int) -> Sequence[str]:
        """Analyses of a project that are still there."""
        ...

    def erase(self, analysis_id: str) -> None:
        """Delete an analysis with what hangs on it, and what engines said of contents that no other has."""
        ...

    def some(self, project_id: str, *, limit: int) -> int:
        """Delete up to `limit` rows of one of the project's other tables; 0 if there are none left."""
        ...


class Roles(Protocol):
    """The read model of `project.member_changed`."""

    def of(self, project_id: str, user_id: str) -> str | None: ...

    def put(self, project_id: str, user_id: str, role: str | None, at: datetime) -> None:
        """Keep a role, or that there is none; older news than what is kept changes nothing."""
        ...
