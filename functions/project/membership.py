"""Who has which role in one project. Standard library only.

The role in the organisation is the floor. A role in a project raises it for that project: a viewer of the
organisation may be the maintainer of one project, and nobody is less in a project than in the organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ProjectRole(StrEnum):
    ADMIN = "admin"
    MAINTAINER = "maintainer"
    REVIEWER = "reviewer"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Member:
    """`id` is the user's."""

    org_id: str
    project_id: str
    user_id: str
    role: ProjectRole
    added_by: str
    added_at: datetime

    @property
    def id(self) -> str:
        return self.user_id


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """Domain event: somebody has a role in a project, or with None has one no more."""

    project_id: str
    org_id: str
    user_id: str
    role: ProjectRole | None
    changed_by: str
    changed_at: datetime
