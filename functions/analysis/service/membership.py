"""Roles of people in single projects, as project tells of them: they raise those in the organisation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from functions.analysis.ports import Deps, Work
from kernel.errors import Forbidden, NotFound
from kernel.identity import Caller


def role_in(work: Work, project_id: str) -> str | None:
    """The caller's own role in a project, if there is one; what to give to `permissions.require` as `project_role`."""
    return work.roles.of(project_id, work.caller.user_id) if work.caller.kind == "user" else None


def require(deps: Deps, caller: Caller, action: str, project_id: str) -> None:
    """Let `caller` do `action` in a project, by the role in the organisation or by one in the project.

    Raises:
        Forbidden, Unavailable.
    """
    _require(deps, caller, action, lambda _: project_id)


def require_for_analysis(deps: Deps, caller: Caller, action: str, analysis_id: str) -> None:
    """As `require`, in the project of an analysis. Raises Forbidden, Unavailable."""
    _require(deps, caller, action, lambda work: work.analyses.get(analysis_id).project_id)


def require_for_finding(deps: Deps, caller: Caller, action: str, finding_id: str) -> None:
    """As `require`, in the project of a finding. Raises Forbidden, Unavailable."""
    _require(deps, caller, action, lambda work: work.problems.get(finding_id)[0].project_id)


def _require(deps: Deps, caller: Caller, action: str, project_of: Callable[[Work], str]) -> None:
    """The project is only looked up if the role in the organisation does not suffice; without one that is a no."""
    try:
        deps.permissions.require(caller, action)
    except Forbidden:
        role = _raised(deps, caller, project_of)
        if role is None:
            raise
        deps.permissions.require(caller, action, project_role=role)


def _raised(deps: Deps, caller: Caller, project_of: Callable[[Work], str]) -> str | None:
    if caller.org_id is None:
        return None
    with deps.work(caller) as work, suppress(NotFound):
        return role_in(work, project_of(work))
    return None


def keep(deps: Deps, caller: Caller, *, project_id: str, user_id: str, role: str | None, at: datetime) -> None:
    """Keep what project tells of somebody's role; a repeat, or older news, changes nothing."""
    with deps.work(caller) as work:
        if not work.erasures.is_gone(project_id):
            work.roles.put(project_id, user_id, role, at)
