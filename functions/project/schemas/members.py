"""Members of a project on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from functions.project.membership import Member, ProjectRole


class ProjectMemberIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"role": "maintainer"}})

    role: ProjectRole


class ProjectMemberOut(BaseModel):
    id: str
    user_id: str
    role: ProjectRole
    added_by: str
    added_at: datetime

    @classmethod
    def of(cls, member: Member) -> Self:
        return cls(**{field: getattr(member, field) for field in cls.model_fields})
