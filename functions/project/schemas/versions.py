"""Versions on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.project.limits import MOST_FILES
from functions.project.model import File, Version
from functions.project.schemas.fields import SAMPLE, Commit, Label, Sha256, Size
from kernel.pages import Id


class FileIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: Annotated[str, Field(max_length=16_384)]  # the rule itself, with its codes, is `paths.check_path`
    mode: str = Field(max_length=6, description="100644 or 100755")
    sha256: Sha256
    size_bytes: Size


class NewVersion(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"files": [{"path": "a.py", "mode": "100644", "sha256": SAMPLE, "size_bytes": 12}]}
        },
    )

    label: Label = ""
    parent_id: Id | None = None
    commit: Commit | None = None
    files: list[FileIn] = Field(max_length=MOST_FILES)
    force: bool = Field(default=False, description="publish anew even if the parent holds the same already")

    def listed(self) -> tuple[File, ...]:
        return tuple(File(file.path, file.mode, file.sha256, file.size_bytes) for file in self.files)


class VersionOut(BaseModel):
    id: str
    project_id: str
    parent_id: str | None
    label: str
    commit: str | None
    tree_sha256: str
    file_count: int
    total_bytes: int
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> Self:
        return cls(**{field: getattr(version, field) for field in cls.model_fields})
