"""What people ask for before any content is sent: a project, what is missing, a place to send it to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from functions.project.limits import CHECK_AFTER_S, PROMISE_S
from functions.project.model import Project, ProjectCreated
from functions.project.ports import Work
from functions.project.uploads import Promise, Upload, check_promise


def create_project(work: Work, *, id: str, name: str, description: str) -> Project:
    """Raises Conflict if the name is taken."""
    project = Project(
        id=id,
        org_id=work.caller.organisation,
        name=name,
        description=description,
        created_by=work.caller.user_id,
        created_at=work.now,
    )
    work.projects.add(project)
    work.events.add(ProjectCreated(project))
    work.audit.add("project.create", id, name=name)
    return project


def missing_blobs(work: Work, *, project_id: str, hashes: Sequence[str]) -> list[str]:
    """Those of `hashes` that the caller's own organisation has not stored, each once, in order.

    The others stay stored for as long as it takes to publish them. Raises NotFound.
    """
    work.projects.get(project_id)
    stored = work.blobs.claim(hashes)
    return [sha256 for sha256 in dict.fromkeys(hashes) if sha256 not in stored]


def promise_upload(work: Work, *, id: str, project_id: str, promise: Promise) -> Upload:
    """Raises NotFound, TooLarge, or Conflict if the project is archived."""
    check_promise(promise.kind, promise.size_bytes)
    project = work.projects.get(project_id)
    project.check_open()
    upload = Upload(
        id=id,
        org_id=work.caller.organisation,
        project_id=project.id,
        created_by=work.caller.user_id,
        created_at=work.now,
        expires_at=work.now + timedelta(seconds=PROMISE_S),
        **asdict(promise),
    )
    work.uploads.add(upload, check_after_s=CHECK_AFTER_S)
    about = {"kind": str(upload.kind), "size_bytes": upload.size_bytes}
    work.audit.add("project.upload", id, project_id=project_id, **about)
    return upload
