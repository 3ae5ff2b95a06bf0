"""Roles of people in single projects, as project tells of them: they raise those in the organisation."""

from __future__ import annotations

from datetime import datetime

from functions.analysis.ports import Deps, Work
from kernel.errors import Forbidden
from kernel.identity import Caller


def role_in(work: Work, project_id: str) -> str | None:
    """The caller's own role in a project, if there is one; what to give to `permissions.require` as `project_role`."""
    return work.roles.of(project_id, work.caller.user_id) if work.caller.kind == "user" else None


def require(deps: Deps, caller: Caller, action: str, project_id: str) -> None:
    """Let `caller` do `action` in a project, by the role in the organisation or by one in the project.

    Raises:
        Forbidden, Unavailable.
    """
    try:
        deps.permissions.require(caller, action)
    except Forbidden:
        if caller.org_id is None:
            raise
        with deps.work(caller) as work:
            role = role_in(work, project_id)
        if role is None:
            raise
        deps.permissions.require(caller, action, project_role=role)


def keep(deps: Deps, caller: Caller, *, project_id: str, user_id: str, role: str | None, at: datetime) -> None:
    """Keep what project tells of somebody's role; a repeat, or older news, changes nothing."""
    with deps.work(caller) as work:
        if not work.erasures.is_gone(project_id):
            work.roles.put(project_id, user_id, role, at)
