"""The merge: what the shards said becomes one answer. Its work follows the difference to the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from functions.analysis.lifecycle import MAX_ATTEMPTS, Analysis, AnalysisCompleted, AnalysisState, Artifact, MergeReady
from functions.analysis.ports import Deps, Work
from functions.analysis.repositories import Busy, Lease
from functions.analysis.service import artifacts, gating, graphing, tracking, whole
from functions.analysis.service.configuring import configuration_of
from functions.analysis.service.holding import Hold
from kernel.errors import Unavailable
from kernel.identity import Caller


def merge(deps: Deps, caller: Caller, analysis_id: str) -> None:
    """Complete an analysis whose shards are all over; a second time do nothing.

    Raises:
        Unavailable: somebody else merges it, or a dependency other than the graph is down.
    """
    leases = _claim(deps, caller, analysis_id)
    if not leases:
        return
    if leases[0].attempts > MAX_ATTEMPTS:
        return _give_up(deps, caller, leases)
    hold = Hold(deps, caller, leases, deps.elapsed())
    try:
        analysis = _join(deps, caller, analysis_id)
        analysis = replace(analysis, graph=graphing.update(deps, caller, analysis, hold))
        hold()
        configuration = configuration_of(deps, analysis)
        analysis = whole.run(deps, caller, analysis, configuration, hold)
        analysis = tracking.track(deps, caller, analysis, configuration, hold)
        hold()
        analysis = gating.evaluate(deps, caller, analysis, configuration)
        verdict = gating.verdict_of(deps, caller, analysis_id)
        _complete(deps, caller, leases, analysis, artifacts.render(deps, caller, analysis, verdict))
    except Unavailable:
        _give_back(deps, caller, leases)
        raise


def _claim(deps: Deps, caller: Caller, analysis_id: str) -> list[Lease]:
    """The leases of the merge and of its project; none if the merge is done, or if its turn comes later.

    One merge of a project works at a time and announces those that wait when it ends.
    """
    holder = deps.new_id()
    with deps.work(caller) as work:
        merge_lease = work.leases.take(analysis_id, holder=holder, seconds=deps.lease_s)
        if merge_lease is None:
            return []
        project_id = work.analyses.get(analysis_id).project_id
        work.leases.offer(analysis_id, "project", [project_id])
        try:
            project_lease = work.leases.take(project_id, holder=holder, seconds=deps.lease_s)
        except Busy:
            work.leases.give_back(merge_lease, uncounted=True)
            return []
    return [merge_lease, project_lease] if project_lease else [merge_lease]


def _give_back(deps: Deps, caller: Caller, leases: Sequence[Lease]) -> None:
    """Let another one merge; of an analysis that was cancelled meanwhile nobody does, so those behind it go on."""
    with deps.work(caller) as work:
        for lease in leases:
            work.leases.give_back(lease, uncounted=True)
        analysis = work.analyses.get(leases[0].id)
        if analysis.over:
            _announce_waiting(work, analysis.project_id)


def _give_up(deps: Deps, caller: Caller, leases: Sequence[Lease]) -> None:
    with deps.work(caller) as work:
        if _end(work, leases):
            failed = work.analyses.get(leases[0].id).fail("merge_failed", work.now)
            work.analyses.save(failed)
            _announce_waiting(work, failed.project_id)


def _join(deps: Deps, caller: Caller, analysis_id: str) -> Analysis:
    """Sum up what the contents say; it can be done again."""
    with deps.work(caller) as work:
        analysis = work.analyses.get(analysis_id)
        summary = work.files.summary(analysis_id)
    return replace(analysis, totals=summary.totals, languages=summary.languages)


def _complete(
    deps: Deps, caller: Caller, leases: Sequence[Lease], analysis: Analysis, made: Sequence[Artifact]
) -> None:
    keys: Mapping[str, str] = {artifact.name: artifact.key for artifact in made}
    with deps.work(caller) as work:
        if not _end(work, leases):
            return
        done = replace(analysis.to(AnalysisState.COMPLETED), completed_at=work.now)
        work.analyses.save(done)
        gating.completed(work, done)
        work.artifacts.replace(done.id, made)
        work.events.add(AnalysisCompleted(done, keys, keys[artifacts.CONTEXT]))
        _announce_waiting(work, done.project_id)
        work.audit.add("analysis.complete", done.id, graph=str(done.graph))


def _announce_waiting(work: Work, project_id: str) -> None:
    for waiting in work.leases.waiting_merges(project_id):
        work.events.add(MergeReady(waiting))


def _end(work: Work, leases: Sequence[Lease]) -> bool:
    """Give up the leases; False if the merge has been taken over, so that nothing may be stored."""
    ended = [work.leases.end(lease) for lease in leases]
    return ended[0]
