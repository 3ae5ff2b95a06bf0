"""Work that was announced and then forgotten (a lost message, a killed worker) is announced again."""

from __future__ import annotations

from itertools import groupby

from functions.analysis.lifecycle import GateReady, MergeReady, PlanReady, ShardReady
from functions.analysis.ports import Deps
from functions.analysis.repositories import Overdue
from kernel.identity import Caller

GRACE_S = 60.0
MOST = 500
OLD_TURN_S = 24 * 3600.0  # who was served so long ago goes first, like who never was


def sweep(deps: Deps, *, grace_s: float = GRACE_S) -> int:
    """Announce again what waits unclaimed for longer than `grace_s`; return how much that was."""
    with deps.work(Caller.nobody()) as work:
        overdue = work.leases.overdue(grace_s=grace_s, limit=MOST)
        work.leases.forget_turns(older_s=OLD_TURN_S)
    for org_id, items in groupby(sorted(overdue, key=lambda item: item.org_id), key=lambda item: item.org_id):
        with deps.work(Caller.function(org_id)) as work:
            for item in items:
                work.events.add(_event(item))
    return len(overdue)


def _event(item: Overdue) -> object:
    if item.kind == "shard":
        return ShardReady(item.analysis_id, item.id)
    return {"merge": MergeReady, "plan": PlanReady, "gate": GateReady}[item.kind](item.analysis_id)
