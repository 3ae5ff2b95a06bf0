"""Projects."""

from __future__ import annotations

from http import HTTPStatus

from functions.project.model import Project
from functions.project.ports import Deps, Work
from functions.project.schemas.projects import Health, NewProject, ProjectChange, ProjectOut, ProjectQuery
from functions.project.service import changing, erasing, requests
from functions.project.service.membership import require
from kernel.http import Answer, Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, page_of

SWEEP = "project-sweep"


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/project/health", methods=["GET"])
    @endpoint(app)
    def project_health() -> Health:
        """Tell whether this domain can serve."""
        deps.ready()
        return Health(service="project")

    @app.route("/v1/projects", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def create_project(body: NewProject, caller: Caller, once: Once) -> ProjectOut:
        """Create a project; a name that is taken answers 409 with the id of the project that has it."""
        deps.permissions.require(caller, "project.create")
        with deps.work(caller) as work:
            return once(work, ProjectOut, lambda: _create(deps, work, body))

    @app.route("/v1/projects", methods=["GET"])
    @endpoint(app)
    def list_projects(query: ProjectQuery, caller: Caller) -> Page[ProjectOut]:
        """List the organisation's projects, oldest first, or the one of a name."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            found = work.projects.page(
                name=query.name, after=query.after, limit=query.limit + 1, archived=query.archived
            )
        return page_of(found, query, ProjectOut.of)

    @app.route("/v1/projects/{project_id}", methods=["GET"])
    @endpoint(app)
    def get_project(project_id: Id, caller: Caller) -> ProjectOut | Answer:
        """Get one project; its ETag is what an update sends as If-Match."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            return _shown(work.projects.get(project_id))

    _add_changes(app, deps)


def _add_changes(app: Application, deps: Deps) -> None:
    @app.route("/v1/projects/{project_id}", methods=["PATCH"])
    @endpoint(app)
    def change_project(
        project_id: Id, body: ProjectChange, caller: Caller, if_match: str | None
    ) -> ProjectOut | Answer:
        """Change a project's name or description; If-Match says which state of it was meant."""
        require(deps, caller, "project.change", project_id)
        revision = revision_of(if_match)
        with deps.work(caller) as work:
            return _shown(changing.change(work, project_id=project_id, revision=revision, **body.model_dump()))

    @app.route("/v1/projects/{project_id}/archive", methods=["POST"])
    @endpoint(app)
    def archive_project(project_id: Id, caller: Caller, once: Once) -> ProjectOut:
        """Make a project read-only: publishing to it answers 409 `archived`."""
        require(deps, caller, "project.archive", project_id)
        with deps.work(caller) as work:
            return once(work, ProjectOut, lambda: ProjectOut.of(changing.archive(work, project_id=project_id)))

    @app.route("/v1/projects/{project_id}/unarchive", methods=["POST"])
    @endpoint(app)
    def unarchive_project(project_id: Id, caller: Caller, once: Once) -> ProjectOut:
        """Let an archived project be published to again."""
        require(deps, caller, "project.archive", project_id)
        with deps.work(caller) as work:
            return once(work, ProjectOut, lambda: ProjectOut.of(changing.unarchive(work, project_id=project_id)))

    @app.route("/v1/projects/{project_id}", methods=["DELETE"])
    @endpoint(app, status=HTTPStatus.ACCEPTED)
    def delete_project(project_id: Id, caller: Caller) -> Answer:
        """Delete a project with everything it owns: it is gone at once, what it owned follows (202)."""
        require(deps, caller, "project.delete", project_id)
        with deps.work(caller) as work:
            erasing.delete_project(work, project_id=project_id)
        deps.nudge(SWEEP)
        return Answer(None, HTTPStatus.ACCEPTED)


def _create(deps: Deps, work: Work, body: NewProject) -> ProjectOut:
    made = requests.create_project(work, id=deps.new_id(), name=body.name, description=body.description)
    return ProjectOut.of(made)


def _shown(project: Project) -> Answer:
    return Answer(ProjectOut.of(project), headers={"ETag": f'"{project.revision}"'})


def revision_of(if_match: str | None) -> int | None:
    """What is no number is the tag of no state: 0 was never one."""
    if if_match is None:
        return None
    return int(if_match) if if_match.isdecimal() and len(if_match) < 10 else 0
