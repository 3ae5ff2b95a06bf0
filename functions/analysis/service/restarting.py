"""Planning an analysis once more that had ended without an answer."""

from __future__ import annotations

from dataclasses import replace

from functions.analysis.lifecycle import Analysis, AnalysisState, claim_id
from functions.analysis.planning import planned
from functions.analysis.ports import Deps
from functions.analysis.repositories import Lease
from functions.analysis.service.configuring import configuration_of
from functions.analysis.service.planning import announce, manifest_of, notes_of
from kernel.errors import Unavailable
from kernel.identity import Caller


def replan(deps: Deps, caller: Caller, analysis_id: str) -> None:
    """Plan the work of a restarted analysis; a second time, or if it was cancelled meanwhile, do nothing.

    Raises:
        Unavailable: somebody else plans it, or a dependency is down; the same call may succeed later.
    """
    with deps.work(caller) as work:
        lease = work.leases.take(claim_id(analysis_id, "plan"), holder=deps.new_id(), seconds=deps.lease_s)
        if lease is None:
            return
        analysis = work.analyses.get(analysis_id)
    try:
        _plan(deps, caller, lease, analysis)
    except Unavailable:
        with deps.work(caller) as work:
            work.leases.give_back(lease, uncounted=True)
        raise


def _plan(deps: Deps, caller: Caller, lease: Lease, analysis: Analysis) -> None:
    """The engines may be others than the first time, the settings are the same: they belong to the version."""
    files, refusal = manifest_of(deps.blobs, analysis.manifest_key)
    configuration = configuration_of(deps, analysis)
    engine_set, notes = deps.engines.engine_set(configuration), notes_of(deps, analysis, configuration)
    with deps.work(caller) as work:
        if not work.leases.end(lease):
            return
        present = work.queue.lock(analysis.id)
        if present.state is not AnalysisState.QUEUED:
            return
        if refusal is not None:
            return work.analyses.save(present.fail(refusal, work.now))
        announce(deps, work, replace(present, engine_set=engine_set, notes=notes), list(planned(files, configuration)))
