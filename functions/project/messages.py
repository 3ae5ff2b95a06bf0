"""What this domain tells the others: domain events as CloudEvents on `coderev.project.v1`."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from functions.project.baselines import BaselineSet
from functions.project.lifecycle import ProjectArchived, ProjectDeleted
from functions.project.membership import MemberChanged
from functions.project.model import Project, ProjectCreated, VersionPublished
from functions.project.settings import SettingsChanged
from kernel.events import Message

TOPIC = "coderev.project.v1"


class ProjectData(BaseModel):
    project_id: str
    org_id: str
    name: str
    created_by: str
    created_at: datetime


class VersionData(BaseModel):
    """`changed_paths` is null without a parent, or when too many changed for an event."""

    version_id: str
    project_id: str
    org_id: str
    parent_id: str | None
    label: str
    manifest_key: str
    file_count: int
    total_bytes: int
    changed_paths: list[str] | None
    published_by: str
    published_at: datetime
    branch: str | None = None
    main: bool = True
    commit: str | None = None
    history_key: str | None = None
    config_key: str | None = None
    baseline_version_id: str | None = None


class SettingsChangedData(BaseModel):
    project_id: str
    org_id: str
    revision: int
    fields: list[str]


class BaselineData(BaseModel):
    """`version_id` is null unless somebody chose a version: else each version published gets its own."""

    project_id: str
    org_id: str
    kind: str
    version_id: str | None
    branch: str | None
    date: datetime | None


class ProjectArchivedData(BaseModel):
    """`archived` is false when it can be published to again."""

    project_id: str
    org_id: str
    archived: bool
    changed_by: str
    changed_at: datetime


class ProjectDeletedData(BaseModel):
    project_id: str
    org_id: str
    deleted_by: str
    deleted_at: datetime


class MemberChangedData(BaseModel):
    """`role` is null when somebody has none of their own in the project any more."""

    project_id: str
    org_id: str
    user_id: str
    role: str | None
    changed_by: str
    changed_at: datetime


def encode(event: object) -> Message:
    match event:
        case ProjectCreated(project):
            return Message(topic=TOPIC, type="project.created", key=project.id, data=_project(project))
        case VersionPublished():
            return Message(topic=TOPIC, type="version.published", key=event.version.id, data=_version(event))
        case SettingsChanged():
            return Message(topic=TOPIC, type="project.settings_changed", key=event.project_id, data=_settings(event))
        case BaselineSet():
            return Message(topic=TOPIC, type="baseline.set", key=event.project_id, data=_baseline(event))
        case ProjectArchived():
            return Message(topic=TOPIC, type="project.archived", key=event.project_id, data=_archived(event))
        case ProjectDeleted():
            return Message(topic=TOPIC, type="project.deleted", key=event.project_id, data=_deleted(event))
        case MemberChanged():
            return Message(topic=TOPIC, type="project.member_changed", key=event.project_id, data=_member(event))
    raise TypeError(f"no message for {type(event).__name__}")


def _settings(event: SettingsChanged) -> SettingsChangedData:
    return SettingsChangedData(
        project_id=event.project_id, org_id=event.org_id, revision=event.revision, fields=list(event.fields)
    )


def _baseline(event: BaselineSet) -> BaselineData:
    chosen = event.baseline
    return BaselineData(
        project_id=event.project_id,
        org_id=event.org_id,
        kind=str(chosen.kind),
        version_id=chosen.version_id,
        branch=chosen.branch,
        date=chosen.date,
    )


def _project(project: Project) -> ProjectData:
    return ProjectData(
        project_id=project.id,
        org_id=project.org_id,
        name=project.name,
        created_by=project.created_by,
        created_at=project.created_at,
    )


def _version(event: VersionPublished) -> VersionData:
    version = event.version
    return VersionData(
        version_id=version.id,
        project_id=version.project_id,
        org_id=version.org_id,
        parent_id=version.parent_id,
        label=version.label,
        manifest_key=version.manifest_key,
        file_count=version.file_count,
        total_bytes=version.total_bytes,
        changed_paths=list(event.changed_paths) if event.changed_paths is not None else None,
        published_by=version.created_by,
        published_at=version.created_at,
        branch=version.branch,
        main=version.main,
        commit=version.commit,
        history_key=version.history_key,
        config_key=version.config_key,
        baseline_version_id=version.baseline_version_id,
    )


def _archived(event: ProjectArchived) -> ProjectArchivedData:
    return ProjectArchivedData(
        project_id=event.project_id,
        org_id=event.org_id,
        archived=event.archived,
        changed_by=event.by,
        changed_at=event.at,
    )


def _deleted(event: ProjectDeleted) -> ProjectDeletedData:
    return ProjectDeletedData(
        project_id=event.project_id, org_id=event.org_id, deleted_by=event.by, deleted_at=event.at
    )


def _member(event: MemberChanged) -> MemberChangedData:
    return MemberChangedData(
        project_id=event.project_id,
        org_id=event.org_id,
        user_id=event.user_id,
        role=event.role,
        changed_by=event.changed_by,
        changed_at=event.changed_at,
    )
