"""Changes of a project as a whole: its name, and whether it can be published to."""

from __future__ import annotations

from functions.project.lifecycle import ProjectArchived
from functions.project.model import Project
from functions.project.ports import Work
from kernel.errors import Stale, Unconditional


def change(work: Work, *, project_id: str, name: str | None, description: str | None, revision: int | None) -> Project:
    """Change what is given.

    Raises:
        NotFound: there is no such project.
        Unconditional, Stale: `revision` is missing, or not the present one.
        Conflict: the name is taken, or the project is archived.
    """
    if revision is None:
        raise Unconditional("send the ETag of the project as If-Match")
    project = work.projects.lock(project_id)
    if project.revision != revision:
        raise Stale("the project has changed", project_id=project_id)
    changed = project.renamed(name, description)
    if (changed.name, changed.description) == (project.name, project.description):
        return project
    work.projects.save(changed)
    work.audit.add("project.change", project_id, name=changed.name, before=project.name)
    return changed


def archive(work: Work, *, project_id: str) -> Project:
    """Make a project read-only. Raises NotFound, or Conflict if it is already."""
    return _moved(work, work.projects.lock(project_id).archived(work.now))


def unarchive(work: Work, *, project_id: str) -> Project:
    """Let a project be published to again. Raises NotFound, or Conflict if it can be."""
    return _moved(work, work.projects.lock(project_id).unarchived())


def _moved(work: Work, project: Project) -> Project:
    archived = project.archived_at is not None
    work.projects.save(project)
    work.events.add(ProjectArchived(project.id, project.org_id, archived, work.caller.user_id, work.now))
    work.audit.add("project.archive" if archived else "project.unarchive", project.id)
    return project
