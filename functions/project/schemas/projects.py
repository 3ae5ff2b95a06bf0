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


class ProjectChange(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"description": "The compiler."}})

    name: Name | None = None
    description: str | None = Field(default=None, max_length=2000)


class ProjectQuery(PageQuery):
    """A list's page, `?name=` to find the one project of a name, `?archived=` for those that are or are not."""

    name: str | None = Field(default=None, max_length=80)
    archived: bool | None = None


class ProjectOut(BaseModel):
    id: str
    name: str
    description: str
    created_by: str
    created_at: datetime
    archived_at: datetime | None

    @classmethod
    def of(cls, project: Project) -> Self:
        return cls(**{field: getattr(project, field) for field in cls.model_fields})


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    service: str
