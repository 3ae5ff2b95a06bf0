"""Projects."""

from __future__ import annotations

from http import HTTPStatus

from functions.project.ports import Deps, Work
from functions.project.schemas.projects import Health, NewProject, ProjectOut, ProjectQuery
from functions.project.service import requests
from kernel.http import Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, page_of


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
            found = work.projects.page(name=query.name, after=query.after, limit=query.limit + 1)
        return page_of(found, query, ProjectOut.of)

    @app.route("/v1/projects/{project_id}", methods=["GET"])
    @endpoint(app)
    def get_project(project_id: Id, caller: Caller) -> ProjectOut:
        """Get one project."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            return ProjectOut.of(work.projects.get(project_id))


def _create(deps: Deps, work: Work, body: NewProject) -> ProjectOut:
    made = requests.create_project(work, id=deps.new_id(), name=body.name, description=body.description)
    return ProjectOut.of(made)
