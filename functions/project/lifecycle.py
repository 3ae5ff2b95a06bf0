"""What happens to a project as a whole. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ProjectArchived:
    """Domain event: a project became read-only, or with `archived` false can be published to again."""

    project_id: str
    org_id: str
    archived: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ProjectDeleted:
    """Domain event: a project is there for nobody any more, and everything that it owns is to be erased."""

    project_id: str
    org_id: str
    by: str
    at: datetime
