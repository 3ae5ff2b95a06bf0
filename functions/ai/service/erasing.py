"""A project was deleted, and analysis has erased what it had: now its reviews go.

The event is delivered again until this has come to its end. Analysis tells when it is done, so that no review begins
any more but from an event that was late: that one finds the project here. A worker that still writes a review loses
its claim with the row.
"""

from __future__ import annotations

from functions.ai.ports import Deps
from kernel.errors import Invalid
from kernel.identity import Caller

REVIEWS_AT_ONCE = 200


def erase(deps: Deps, caller: Caller, *, org_id: str, project_id: str, at_once: int = REVIEWS_AT_ONCE) -> None:
    """Erase the reviews of a project, `at_once` in a transaction; a second time does nothing.

    Raises:
        Invalid: the project is not one of the caller's own organisation.
        Unavailable: the database is down: deliver again.
    """
    if org_id != caller.organisation:
        raise Invalid("the project belongs to another organisation than its event", code="foreign_project")
    with deps.work(caller) as work:
        if work.erasing.begin(project_id):
            work.audit.add("ai.erase", project_id)
    more = True
    while more:
        with deps.work(caller) as work:
            more = work.erasing.some(project_id, limit=at_once) > 0
