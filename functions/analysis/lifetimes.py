"""What happens to all that belongs to a deleted project. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class EraseReady:
    """Domain event: a deleted project has something to erase."""

    project_id: str


@dataclass(frozen=True, slots=True)
class ProjectErased:
    """Domain event: nothing is left here of a deleted project."""

    project_id: str
    org_id: str
    at: datetime
