"""What this domain reads of events."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from kernel.pages import Id


class VersionPublished(BaseModel):
    """What this domain reads of project's event."""

    model_config = ConfigDict(extra="ignore")

    version_id: Id
    project_id: Id
    parent_id: Id | None = None
    manifest_key: str = Field(min_length=1, max_length=1024)
    branch: str | None = None
    main: bool = True
    commit: str | None = None
    history_key: str | None = None
    config_key: str | None = None
    baseline_version_id: Id | None = None


class BaselineChosen(BaseModel):
    """What this domain reads of `baseline.set`."""

    model_config = ConfigDict(extra="ignore")

    project_id: Id
    version_id: Id | None = None
    branch: str | None = None
    date: datetime | None = None


class ProjectDeleted(BaseModel):
    """What this domain reads of `project.deleted`."""

    model_config = ConfigDict(extra="ignore")

    project_id: Id


class MemberChanged(BaseModel):
    """What this domain reads of `project.member_changed`."""

    model_config = ConfigDict(extra="ignore")

    project_id: Id
    user_id: Id
    role: str | None = Field(default=None, max_length=20)
    changed_at: datetime


class EraseReady(BaseModel):
    model_config = ConfigDict(extra="ignore")

    project_id: Id


class WorkReady(BaseModel):
    """`shard.ready` names a shard, `merge.ready` only the analysis."""

    model_config = ConfigDict(extra="ignore")

    analysis_id: Id
    shard_id: Id | None = None
