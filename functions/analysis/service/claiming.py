"""Which shard a worker runs, and who is told when one has ended."""

from __future__ import annotations

from functions.analysis.lifecycle import Analysis, ShardReady
from functions.analysis.pieces import Shard
from functions.analysis.ports import Deps, Work
from functions.analysis.repositories import Claim, Lease
from kernel.identity import Caller


def claim(deps: Deps, caller: Caller, named: str) -> tuple[Caller, Lease, Shard, Analysis] | None:
    """The shard whose turn it is, and for whom it is run; None if there is nothing to run now.

    Raises Unavailable: the named shard runs and nothing else can be run, or the database is down.
    """
    with deps.work(caller) as work:
        found = work.leases.claim(named, holder=deps.new_id(), seconds=deps.lease_s)
    return _begin(deps, Caller.function(found.org_id, caller.request_id), found) if found else None


def _begin(deps: Deps, caller: Caller, found: Claim) -> tuple[Caller, Lease, Shard, Analysis] | None:
    with deps.work(caller) as work:
        shard = work.shards.begin(found.lease.id)
        if shard is not None:
            work.analyses.start(shard.analysis_id)
            analysis = work.analyses.get(shard.analysis_id)
            if not analysis.over:
                return caller, found.lease, shard, analysis
        work.leases.end(found.lease)  # the analysis ended, or was erased, in this very moment
    return None


def announce_next(work: Work, project_id: str, *, freed: int = 1) -> None:
    """Say that shards of the project may run, if they waited for the `freed` ones that end; the last thing to do."""
    for waiting in work.leases.next(project_id, freed=freed):
        work.events.add(ShardReady(waiting.analysis_id, waiting.id))
