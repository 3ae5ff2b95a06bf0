"""Projects on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.project.model import Project
from functions.project.schemas.fields import Name
from kernel.pages import PageQuery


class NewProject(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "requests"}})

    name: Name
    description: str = Field(default="", max_length=2000)


class ProjectQuery(PageQuery):
    """A list's page, and `?name=` to find the one project of a name."""

    name: str | None = Field(default=None, max_length=80)


class ProjectOut(BaseModel):
    id: str
    name: str
    description: str
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, project: Project) -> Self:
        return cls(**{field: getattr(project, field) for field in cls.model_fields})


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    service: str
