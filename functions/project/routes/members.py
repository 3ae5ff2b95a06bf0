"""Members of a project, whose roles there raise those in the organisation."""

from __future__ import annotations

from functions.project.ports import Deps
from functions.project.schemas.members import ProjectMemberIn, ProjectMemberOut
from functions.project.service import membership
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, PageQuery, page_of


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/projects/{project_id}/members", methods=["GET"])
    @endpoint(app)
    def list_project_members(project_id: Id, query: PageQuery, caller: Caller) -> Page[ProjectMemberOut]:
        """List who has a role in this project beside that in the organisation, by their ids."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            project = work.projects.get(project_id)
            found = work.members.page(project.id, after=query.after, limit=query.limit + 1)
        return page_of(found, query, ProjectMemberOut.of)

    @app.route("/v1/projects/{project_id}/members/{user_id}", methods=["PUT"])
    @endpoint(app)
    def put_project_member(project_id: Id, user_id: Id, body: ProjectMemberIn, caller: Caller) -> ProjectMemberOut:
        """Give somebody a role in this project, neither it nor the present one above the caller's."""
        present = _present(deps, caller, project_id, user_id)
        membership.require(deps, caller, "project.members", project_id, role=body.role.value, present=present)
        with deps.work(caller) as work:
            return ProjectMemberOut.of(
                membership.put_member(work, project_id=project_id, user_id=user_id, role=body.role)
            )

    @app.route("/v1/projects/{project_id}/members/{user_id}", methods=["DELETE"])
    @endpoint(app)
    def remove_project_member(project_id: Id, user_id: Id, caller: Caller) -> None:
        """Take somebody's role in this project away, one's own included; that in the organisation stays."""
        present = _present(deps, caller, project_id, user_id)
        membership.require(deps, caller, "project.members", project_id, role="viewer", present=present, leaves=user_id)
        with deps.work(caller) as work:
            membership.remove_member(work, project_id=project_id, user_id=user_id)


def _present(deps: Deps, caller: Caller, project_id: str, user_id: str) -> str:
    """The role that is at stake. Raises NotFound for a project that the caller does not see."""
    deps.permissions.require(caller, "project.read")
    with deps.work(caller) as work:
        role = work.members.role_of(work.projects.get(project_id).id, user_id)
    return role.value if role is not None else "viewer"
