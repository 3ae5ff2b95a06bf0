"""What this domain tells the others: domain events as CloudEvents on `coderev.project.v1`."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from functions.project.model import Project, ProjectCreated, VersionPublished
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


def encode(event: object) -> Message:
    match event:
        case ProjectCreated(project):
            return Message(topic=TOPIC, type="project.created", key=project.id, data=_project(project))
        case VersionPublished():
            return Message(topic=TOPIC, type="version.published", key=event.version.id, data=_version(event))
    raise TypeError(f"no message for {type(event).__name__}")


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
