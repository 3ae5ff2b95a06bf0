"""Old analyses go, with their artifacts and what no other analysis has of them; findings keep their history.

How long is the project's own setting, as its newest analysis knew it. Each analysis goes for itself: its objects
first, then its rows in one transaction that looks once more whether anything needs it. What is cut off is done by the
next turn, which comes when the lease on the project has run out.
"""

from __future__ import annotations

from functions.analysis.ports import Deps, Work
from functions.analysis.service.configuring import configuration_of
from kernel.errors import Unavailable
from kernel.identity import Caller

LEASE_S = 10 * 60.0
DAY_S = 24 * 60 * 60.0
BUDGET_S = 240.0
PROJECTS_AT_ONCE = 50
ANALYSES_AT_ONCE = 50  # of a project in one turn; the others have their turn next


def retain(deps: Deps) -> int:
    """Delete what has expired in projects whose turn has come; return how many analyses that were."""
    until, gone = deps.elapsed() + BUDGET_S, 0
    while deps.elapsed() < until:
        with deps.work(Caller.nobody()) as work:
            due = work.retention.due(lease_s=LEASE_S, limit=PROJECTS_AT_ONCE)
        for project in due:
            if deps.elapsed() >= until:
                break
            gone += _of_project(deps, Caller.function(project.org_id), project.project_id)
        if not due:
            break
    return gone


def _of_project(deps: Deps, caller: Caller, project_id: str) -> int:
    """A store that is down costs this project its turn, not the others theirs."""
    try:
        days = _days(deps, caller, project_id)
        with deps.work(caller) as work:
            expired = work.retention.expired(project_id, days=days, limit=ANALYSES_AT_ONCE)
        gone = sum(_delete(deps, caller, project_id, analysis_id, days) for analysis_id in expired)
    except Unavailable:
        return 0
    with deps.work(caller) as work:
        work.retention.later(project_id, seconds=0 if len(expired) == ANALYSES_AT_ONCE else DAY_S)
    return gone


def _days(deps: Deps, caller: Caller, project_id: str) -> int:
    with deps.work(caller) as work:
        newest = work.analyses.page(project_id=project_id, version_id=None, before=None, limit=1)
    return configuration_of(deps, newest[0]).retention_days if newest else 1


def _delete(deps: Deps, caller: Caller, project_id: str, analysis_id: str, days: int) -> bool:
    """False if something needs the analysis by now."""
    with deps.work(caller) as work:
        if not _is_expired(work, project_id, analysis_id, days):
            return False
    while keys := deps.blobs.keys(f"artifacts/{caller.organisation}/{analysis_id}/"):
        for key in keys:
            deps.blobs.delete(key)
    with deps.work(caller) as work:
        if not _is_expired(work, project_id, analysis_id, days):
            return False
        work.retention.forget(project_id, analysis_id)
        work.erasures.erase(analysis_id)
        work.audit.add("analysis.expire", analysis_id, project_id=project_id, days=days)
    return True


def _is_expired(work: Work, project_id: str, analysis_id: str, days: int) -> bool:
    return analysis_id in work.retention.expired(project_id, days=days, limit=2 * ANALYSES_AT_ONCE)
