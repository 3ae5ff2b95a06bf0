"""What becomes of problems with an analysis: new ones begin, gone ones are fixed, some come back.

The states of a project follow its main line in the order of its analyses: one that ends late, after a newer one, ties
its findings to problems and moves no state, nor does one of a branch. All of it is one transaction; the leases of a
long one are renewed beside it, and it commits only with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase

from functions.analysis.configuration import Configuration
from functions.analysis.lifecycle import Analysis
from functions.analysis.ports import Deps, Work
from functions.analysis.repositories import Track
from functions.analysis.service import gating
from functions.analysis.service.holding import Hold
from functions.analysis.service.identifying import identify
from functions.analysis.tracking.problems import Change, Entry, FindingsChanged, ProblemState
from kernel.identity import Caller

AT_ONCE = 1_000  # findings in an event: 39 KB of ids
_FOREIGN = "foreign/"  # rules of other tools: foreign/<tool>/<rule>
_REALLY_GONE = frozenset(("symlink", "submodule", "binary", "unsupported-language"))
"""Reasons of files that can have no findings, whoever reads them."""


def track(deps: Deps, caller: Caller, analysis: Analysis, configuration: Configuration, hold: Hold) -> Analysis:
    """Tie findings to problems, move their states, and count what is open and what is new.

    Raises:
        Unavailable: the database is down or slow, or another worker has taken over; then nothing is stored.
    """
    with deps.work(caller) as work:
        known = work.tracking.lock(analysis.project_id)
        _announce(work, analysis, ProblemState.OPEN, Change.EXPIRED, work.tracking.expire(analysis.project_id))
        leads = analysis.main and (known.analysis_id is None or known.analysis_id <= analysis.id)
        identify(work, analysis, _reference(work, analysis, known, leads=leads), hold, leads=leads)
        hold()
        if leads:
            _move(work, analysis, known, configuration, hold)
        hold()  # not after what follows, which holds the analysis against those who cancel it
        done = replace(marked(work, _with_baseline(analysis, known)), tracked=True)
        hold.keep(work)
        return done


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a project's versions are compared with since `at`: a version, a branch, or the main line as it was then.

    Nothing of these means the version before.
    """

    project_id: str
    at: datetime
    version_id: str | None = None
    branch: str | None = None
    date: datetime | None = None


def rebase(deps: Deps, caller: Caller, baseline: Baseline) -> None:
    """Mark the findings of the newest main analysis again, against a baseline that was set.

    A second time it comes to the same; an older baseline than the last one does nothing. Raises Unavailable.
    """
    with deps.work(caller) as work:
        known = work.tracking.lock(baseline.project_id)
        if known.baseline_set_at is not None and known.baseline_set_at > baseline.at:
            return
        newest = work.analyses.newest_main(baseline.project_id)
        version_id = _version(work, baseline, newest)
        work.tracking.set_baseline(baseline.project_id, version_id, baseline.at)
        if newest is None:
            return
        analysis = work.analyses.get(newest)
        again = marked(work, replace(analysis, baseline_version_id=version_id))
        if again != analysis:
            work.analyses.save(replace(again, revision=analysis.revision + 1))
            gating.due(work, analysis.project_id)


def _version(work: Work, baseline: Baseline, newest: str | None) -> str | None:
    """The version that the baseline means for the newest main analysis."""
    if baseline.version_id is not None or newest is None:
        return baseline.version_id
    found = None
    if baseline.branch is not None:
        found = work.analyses.newest_on(baseline.project_id, baseline.branch, before=newest)
    elif baseline.date is not None:
        found = work.analyses.newest_main(baseline.project_id, until=baseline.date)
    return work.analyses.get(found).version_id if found else None


def marked(work: Work, analysis: Analysis) -> Analysis:
    """Mark what is new against the baseline, and count."""
    analysis = replace(analysis, baseline_id=work.analyses.baseline_of(analysis))
    fixed = work.placements.mark_new(analysis, analysis.baseline_id)
    return counted(work, replace(analysis, fixed_findings=fixed))


def counted(work: Work, analysis: Analysis) -> Analysis:
    counts = work.findings.counts(analysis)
    return replace(
        analysis,
        findings_by_severity=counts.open,
        new_by_severity=counts.new,
        new_findings=sum(counts.new.values()),
        dismissed_findings=counts.dismissed,
    )


def _with_baseline(analysis: Analysis, known: Track) -> Analysis:
    """A baseline that was set after the version was published holds for it too."""
    later = known.baseline_set_at is not None and known.baseline_set_at > analysis.created_at
    return replace(analysis, baseline_version_id=known.baseline_version_id) if analysis.main and later else analysis


def _reference(work: Work, analysis: Analysis, known: Track, *, leads: bool) -> str | None:
    """The analysis whose problems are the likeliest: the main line's newest, for a branch its parent's."""
    if leads and known.analysis_id not in (None, analysis.id):
        return known.analysis_id
    parent = None if analysis.main else work.analyses.completed_of(analysis.parent_version_id)
    return parent or work.analyses.newest_main(analysis.project_id, before=analysis.id)


def _move(work: Work, analysis: Analysis, known: Track, configuration: Configuration, hold: Callable[[], None]) -> None:
    come, gone = work.tracking.moved(analysis)
    back = work.tracking.come(come)
    hold()
    lost, held = work.tracking.rules_and_paths(gone), work.tracking.withheld(analysis)
    reasons = _reasons(work, analysis, configuration, [*lost, *held])
    fixed = work.tracking.go(known, [id_ for id_, _, _ in lost if id_ not in reasons])
    fixed += work.tracking.go(
        replace(known, analysis_id=None, version_id=None), [id_ for id_, _, _ in held if id_ not in reasons]
    )
    hold()
    _withhold(work, analysis, gone, reasons)
    work.tracking.lead(analysis)
    _announce(work, analysis, ProblemState.OPEN, Change.CAME_BACK, back)
    _announce(work, analysis, ProblemState.FIXED, Change.FIXED, fixed)


def _withhold(work: Work, analysis: Analysis, gone: Iterable[str], reasons: dict[str, str]) -> None:
    for reason in sorted(set(reasons.values())):
        work.tracking.withhold(sorted(id_ for id_, said in reasons.items() if said == reason), reason)
        ids = sorted(id_ for id_ in gone if reasons.get(id_) == reason)
        work.problems.record(ids, _entry(work, analysis, Change.WITHHELD, reason))


def _reasons(
    work: Work, analysis: Analysis, configuration: Configuration, lost: Sequence[tuple[str, str, str]]
) -> dict[str, str]:
    """Why problems that are not seen any more do not count as fixed, as far as they do not."""
    unread = work.tracking.unread(analysis.id, {path for _, _, path in lost})
    heard = {one.tool for one in work.imports.of(analysis.id)}
    reasons: dict[str, str] = {}
    for id_, rule, path in lost:
        if _disabled(rule, configuration):
            reasons[id_] = "rule_disabled"
        elif rule.startswith(_FOREIGN) and rule.split("/")[1] not in heard:
            reasons[id_] = "not_imported"
        elif unread.get(path) == "excluded":
            reasons[id_] = "path_excluded"
        elif path in unread and unread[path] not in _REALLY_GONE:
            reasons[id_] = "not_read"
    return reasons


def _disabled(rule: str, configuration: Configuration) -> bool:
    if rule.startswith("semgrep/") and not configuration.semgrep:
        return True
    return any(fnmatchcase(rule, pattern) for pattern in configuration.disabled_rules)


def _announce(work: Work, analysis: Analysis, state: ProblemState, change: Change, ids: Sequence[str]) -> None:
    if not ids:
        return
    work.problems.record(ids, _entry(work, analysis, change))
    for start in range(0, len(ids), AT_ONCE):
        part = tuple(ids[start : start + AT_ONCE])
        said = FindingsChanged(state, analysis.project_id, part, work.now, analysis.id, None, str(change))
        work.events.add(said)


def _entry(work: Work, analysis: Analysis, change: Change, reason: str | None = None) -> Entry:
    return Entry(change, work.now, analysis.id, analysis.version_id, reason=reason)
