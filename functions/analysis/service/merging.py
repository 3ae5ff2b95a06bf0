"""The merge: what the shards said becomes one answer. Its work follows the difference to the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from functions.analysis.lifecycle import MAX_ATTEMPTS, Analysis, AnalysisCompleted, Artifact, State
from functions.analysis.novelty import new_places
from functions.analysis.ports import Deps, Lease, Work
from functions.analysis.service import artifacts, graphing
from kernel.errors import Unavailable
from kernel.identity import Caller

MERGE_LEASE = 5  # times the lease of a shard


def merge(deps: Deps, caller: Caller, analysis_id: str) -> None:
    """Complete an analysis whose shards are all over; a second time do nothing.

    Raises:
        Unavailable: somebody else merges it, or a dependency other than the graph is down.
    """
    lease = _claim(deps, caller, analysis_id)
    if lease is None:
        return
    if lease.attempts > MAX_ATTEMPTS:
        return _give_up(deps, caller, lease)
    try:
        analysis = _join(deps, caller, analysis_id)
        graph = graphing.update(deps, caller, analysis)
        analysis = replace(analysis, graph=graph)
        _complete(deps, caller, lease, analysis, artifacts.render(deps, caller, analysis))
    except Unavailable:
        with deps.work(caller) as work:
            work.leases.give_back(lease, uncounted=True)
        raise


def _claim(deps: Deps, caller: Caller, analysis_id: str) -> Lease | None:
    with deps.work(caller) as work:
        return work.leases.take(analysis_id, holder=deps.new_id(), seconds=deps.lease_s * MERGE_LEASE)


def _give_up(deps: Deps, caller: Caller, lease: Lease) -> None:
    with deps.work(caller) as work:
        if work.leases.end(lease):
            work.analyses.save(work.analyses.get(lease.id).fail("merge_failed", work.now))


def _join(deps: Deps, caller: Caller, analysis_id: str) -> Analysis:
    """Tie files to results, sum up, and mark what is new; all of it can be done again."""
    with deps.work(caller) as work:
        analysis = work.analyses.get(analysis_id)
        work.files.tie(analysis, deps.engines.engine_set)
        summary = work.files.summary(analysis_id)
        analysis = replace(
            analysis,
            baseline_id=work.analyses.baseline_of(analysis),
            totals=summary.totals,
            findings_by_severity=summary.findings_by_severity,
            languages=summary.languages,
        )
        return replace(analysis, new_findings=_mark_new(work, analysis))


def _mark_new(work: Work, analysis: Analysis) -> int:
    if analysis.baseline_id is None:
        return sum(analysis.findings_by_severity.values())
    places = new_places(*work.findings.changed(analysis.id, analysis.baseline_id))
    work.findings.mark_new(analysis.id, places)
    return len(places)


def _complete(deps: Deps, caller: Caller, lease: Lease, analysis: Analysis, made: Sequence[Artifact]) -> None:
    keys: Mapping[str, str] = {artifact.name: artifact.key for artifact in made}
    with deps.work(caller) as work:
        if not work.leases.end(lease):
            return
        done = replace(analysis.to(State.COMPLETED), completed_at=work.now)
        work.analyses.save(done)
        work.artifacts.replace(done.id, made)
        work.events.add(AnalysisCompleted(done, keys, keys[artifacts.CONTEXT]))
        work.audit.add("analysis.complete", done.id, graph=str(done.graph))
