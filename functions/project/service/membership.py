"""Roles in one project, which raise those in the organisation."""

from __future__ import annotations

from functions.project.membership import Member, MemberChanged, ProjectRole
from functions.project.ports import Deps, Work
from kernel.errors import Forbidden
from kernel.identity import Caller


def require(deps: Deps, caller: Caller, action: str, project_id: str, **resource: object) -> None:
    """Let `caller` do `action` to a project, by the role in the organisation or by one in this project.

    The role in the project is only looked up if that in the organisation does not suffice. The refusal for a project
    of another organisation is that for one's own: it tells nobody which there are.

    Raises:
        Forbidden, Unavailable.
    """
    try:
        deps.permissions.require(caller, action, **resource)
    except Forbidden:
        role = role_in(deps, caller, project_id)
        if role is None:
            raise
        deps.permissions.require(caller, action, **resource, project_role=role)


def role_in(deps: Deps, caller: Caller, project_id: str) -> str | None:
    """The caller's role in a project; None without one, or outside an organisation."""
    if caller.org_id is None or caller.kind != "user":
        return None
    with deps.work(caller) as work:
        role = work.members.role_of(project_id, caller.user_id)
    return role.value if role is not None else None


def put_member(work: Work, *, project_id: str, user_id: str, role: ProjectRole) -> Member:
    """Give somebody a role in a project. Raises NotFound if there is no such project."""
    project = work.projects.lock(project_id)
    before = work.members.role_of(project_id, user_id)
    member = Member(project.org_id, project.id, user_id, role, added_by=work.caller.user_id, added_at=work.now)
    if before is not role:
        work.members.put(member)
        _tell(work, member, role)
        work.audit.add("project.put_member", project.id, user_id=user_id, role=role.value, before=before)
    return member


def remove_member(work: Work, *, project_id: str, user_id: str) -> None:
    """Raises NotFound."""
    project = work.projects.lock(project_id)
    before = work.members.role_of(project_id, user_id)
    work.members.remove(project_id, user_id)
    gone = Member(
        project.org_id,
        project.id,
        user_id,
        before or ProjectRole.VIEWER,
        added_by=work.caller.user_id,
        added_at=work.now,
    )
    _tell(work, gone, None)
    work.audit.add("project.remove_member", project.id, user_id=user_id, before=before)


def _tell(work: Work, member: Member, role: ProjectRole | None) -> None:
    work.events.add(
        MemberChanged(
            project_id=member.project_id,
            org_id=member.org_id,
            user_id=member.user_id,
            role=role,
            changed_by=work.caller.user_id,
            changed_at=work.now,
        )
    )
