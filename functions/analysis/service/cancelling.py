"""Ending an analysis before its time, and beginning one again that ended without an answer.

Whoever runs a part of a cancelled analysis finds the lease gone when it next asks for more time, or at the end, and
stores nothing. What was read until then stays cached by content, so a restart does only what is left.
"""

from __future__ import annotations

from dataclasses import replace

from functions.analysis.configuration import Configuration
from functions.analysis.lifecycle import Analysis, AnalysisState, MergeReady, PlanReady, claim_id
from functions.analysis.ports import Deps, Work
from functions.analysis.service import quotas
from functions.analysis.service.claiming import announce_next
from kernel.errors import Conflict, TooMany
from kernel.identity import Caller


def cancel(work: Work, analysis_id: str, *, reason: str = "cancelled") -> Analysis:
    """Cancel an analysis; one that is cancelled already stays as it is.

    Raises:
        NotFound: there is no such analysis.
        Conflict: it is over.
    """
    freed = work.leases.drop(analysis_id)  # before the analysis is locked, as whoever ends a shard does it
    analysis = work.queue.lock(analysis_id)
    if analysis.state is AnalysisState.CANCELLED:
        return analysis
    cancelled = analysis.cancel(reason, work.now)
    work.analyses.save(cancelled)
    work.audit.add("analysis.cancel", analysis_id, reason=reason)
    for waiting in work.leases.waiting_merges(analysis.project_id):
        work.events.add(MergeReady(waiting))
    if freed:
        announce_next(work, analysis.project_id, freed=freed)
    return cancelled


def restart(deps: Deps, work: Work, analysis_id: str) -> Analysis:
    """Begin an analysis again that failed or was cancelled; its work is planned when the event comes.

    Raises:
        NotFound: there is no such analysis.
        Conflict: it is under way, or complete.
        TooMany: too many analyses of the project or the organisation wait.
    """
    work.leases.drop(analysis_id)
    ended = work.queue.lock(analysis_id)
    if not ended.over or ended.state is AnalysisState.COMPLETED:
        raise Conflict(f"an analysis that is {ended.state} is not begun again", analysis_id=analysis_id)
    if quotas.exceeded(work, ended, deps.limits):
        raise TooMany("too many analyses wait", code="quota", retry_after_s=60)
    queued = ended.restart()
    work.queue.clear(analysis_id)
    work.analyses.save(queued)
    work.leases.offer(analysis_id, "plan", [claim_id(analysis_id, "plan")])
    work.events.add(PlanReady(analysis_id))
    work.audit.add("analysis.restart", analysis_id, was=str(ended.state))
    return queued


def supersede(deps: Deps, caller: Caller, analysis: Analysis, configuration: Configuration) -> None:
    """Let the version take the place of older ones of its branch whose analyses nobody has begun."""
    if _supersedes(analysis, configuration):
        with deps.work(caller) as work:
            for waiting in work.queue.waiting_on(analysis):
                cancel(work, waiting.id, reason="superseded")


def admitted(deps: Deps, work: Work, analysis: Analysis, configuration: Configuration) -> Analysis:
    """The analysis as its turn begins: over at once if a newer version of its branch is here, or too many wait.

    Events of two versions come in either order: the version that was published later wins.
    """
    if _supersedes(analysis, configuration) and work.queue.has_newer(analysis):
        return analysis.cancel("superseded", work.now)
    slots = min(configuration.concurrency, deps.limits.concurrency)
    fits = not quotas.exceeded(work, analysis, deps.limits)
    return replace(analysis, concurrency=slots) if fits else analysis.fail("quota", work.now)


def _supersedes(analysis: Analysis, configuration: Configuration) -> bool:
    return configuration.supersede == "always" or (configuration.supersede == "topic" and not analysis.main)
