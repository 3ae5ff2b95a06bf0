"""Versions on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.project.limits import MOST_FILES
from functions.project.model import File, Version
from functions.project.schemas.fields import SAMPLE, Branch, Commit, Label, Sha256, Size, Words
from kernel.pages import Id, PageQuery


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
    merge_parent_id: Id | None = Field(default=None, description="the other parent of a merge")
    commit: Commit | None = None
    branch: Branch | None = None
    main: bool | None = Field(default=None, description="default: true for no branch or the project's default branch")
    author: Words = Field(default="", max_length=300, description="of the commit")
    message: Words = Field(default="", max_length=10_000, description="of the commit")
    history: Sha256 | None = Field(default=None, description="of an upload of kind history: the commits before")
    baseline_version_id: Id | None = Field(default=None, description="compare with this one, not as the project says")
    files: list[FileIn] = Field(max_length=MOST_FILES)
    force: bool = Field(default=False, description="publish anew even if the parent holds the same already")

    def listed(self) -> tuple[File, ...]:
        return tuple(File(file.path, file.mode, file.sha256, file.size_bytes) for file in self.files)


class VersionQuery(PageQuery):
    """A list's page, and `?branch=` and `?label=` to find versions by them."""

    branch: str | None = Field(default=None, max_length=255)
    label: str | None = Field(default=None, max_length=80)


class VersionChange(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"label": "release 2.1"}})

    label: Label


class VersionOut(BaseModel):
    id: str
    project_id: str
    parent_id: str | None
    label: str
    merge_parent_id: str | None
    commit: str | None
    branch: str | None
    main: bool
    author: str
    message: str
    tree_sha256: str
    file_count: int
    total_bytes: int
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> Self:
        return cls(**{field: getattr(version, field) for field in cls.model_fields})
