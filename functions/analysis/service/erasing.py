"""A project was deleted: everything that this domain has of it goes, in every store.

The event says so once and for good: from then on nothing of the project is planned, and work that waits or runs has
lost its lease, so that nothing of it is stored. A worker that runs nevertheless may still write to the graph and to
the bucket until its time is over; only then is anything erased. Erasing goes in small steps, objects before the rows
that name them, and begins where it was cut off.
"""

from __future__ import annotations

from functions.analysis.lifetimes import EraseReady, ProjectErased
from functions.analysis.ports import Deps
from kernel.identity import Caller

LONGEST_WORK_S = 11 * 60.0  # a worker's function ends after 10 minutes
LEASE_S = 5 * 60.0
BUDGET_S = 120.0
ROWS_AT_ONCE = 2_000
ANALYSES_AT_ONCE = 20
MOST_DUE = 100


def begin(deps: Deps, caller: Caller, project_id: str) -> None:
    """Say that a project was deleted; a second time does nothing."""
    with deps.work(caller) as work:
        if work.erasures.begin(project_id):
            work.erasures.postpone(project_id, seconds=LONGEST_WORK_S)
            return
        work.events.add(EraseReady(project_id))


def announce(deps: Deps) -> int:
    """Announce deleted projects that have more to erase; return how many those were."""
    with deps.work(Caller.nobody()) as work:
        due = work.erasures.due(MOST_DUE)
    for project in due:
        with deps.work(Caller.function(project.org_id)) as work:
            work.events.add(EraseReady(project.project_id))
    return len(due)


def erase(deps: Deps, caller: Caller, project_id: str) -> None:
    """Erase a deleted project as far as time allows; a second time does nothing.

    Raises:
        Unavailable: a store is down; the same call may succeed later.
    """
    with deps.work(caller) as work:
        if not work.erasures.claim(project_id, seconds=LEASE_S):
            return
    until = deps.elapsed() + BUDGET_S
    deps.graph.wipe(caller.organisation, project_id)
    while _rows(deps, caller, project_id) or _analyses(deps, caller, project_id):
        if deps.elapsed() > until:
            with deps.work(caller) as work:
                work.erasures.postpone(project_id, seconds=0)
            return
    with deps.work(caller) as work:
        work.erasures.end(project_id)
        work.events.add(ProjectErased(project_id, caller.organisation, work.now))
        work.audit.add("analysis.erase", project_id)


def _analyses(deps: Deps, caller: Caller, project_id: str) -> bool:
    """Erase some analyses; False if there are none."""
    with deps.work(caller) as work:
        found = work.erasures.analyses(project_id, limit=ANALYSES_AT_ONCE)
    for analysis_id in found:
        prefix = f"artifacts/{caller.organisation}/{analysis_id}/"
        while keys := deps.blobs.keys(prefix):
            for key in keys:
                deps.blobs.delete(key)
        with deps.work(caller) as work:
            work.erasures.erase(analysis_id)
    return bool(found)


def _rows(deps: Deps, caller: Caller, project_id: str) -> bool:
    with deps.work(caller) as work:
        return work.erasures.some(project_id, limit=ROWS_AT_ONCE) > 0
