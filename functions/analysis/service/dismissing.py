"""People say what they think of problems: dismissed with a reason, or open again.

A dismissal is of the problem, whatever version or branch it was seen in, and holds until it expires or is taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from functions.analysis.ports import Work
from functions.analysis.service import gating
from functions.analysis.service.tracking import AT_ONCE, counted
from functions.analysis.tracking.problems import (
    MOST,
    Action,
    Change,
    Dismissal,
    Entry,
    FindingsChanged,
    Problem,
    ProblemState,
    Wanted,
)
from kernel.errors import Conflict, NotFound

DONE, UNCHANGED, MISSING, NOT_DISMISSED = "done", "unchanged", "not_found", "not_dismissed"


def act(work: Work, problem_id: str, action: Action) -> Problem:
    """Do it to one problem; what is as it should be stays so without an entry in its history.

    Raises:
        NotFound: there is no such problem.
        Conflict: it is to be reopened and is not dismissed.
        Invalid: the dismissal is over before it begins.
    """
    outcome = act_on_all(work, [problem_id], action)[problem_id]
    if outcome == MISSING:
        raise NotFound("no such finding", finding_id=problem_id)
    if outcome == NOT_DISMISSED:
        raise Conflict("only a dismissed finding is reopened", code=NOT_DISMISSED, finding_id=problem_id)
    return work.problems.get(problem_id)[0]


def act_on_all(work: Work, ids: Collection[str], action: Action, *, project_id: str | None = None) -> dict[str, str]:
    """Do it to all of `ids` that can be done so, in one transaction; say of each what became of it.

    Args:
        project_id: problems of other projects are not found.

    Raises:
        Invalid: the dismissal is over before it begins.
    """
    there = {one.id: one for one in work.problems.locked(ids) if project_id in (None, one.project_id)}
    outcomes = dict.fromkeys(sorted(ids), MISSING)
    changed = []
    for one in there.values():
        after = _after(work, one, action)
        outcomes[one.id] = NOT_DISMISSED if after is None else UNCHANGED if after == one else DONE
        if after is not None and after != one:
            changed.append(after)
    if changed:
        work.problems.save(changed)
        _tell(work, changed, action)
    return outcomes


def chosen(work: Work, wanted: Wanted) -> tuple[list[str], bool]:
    """Ids of the first problems that a filter names, and whether it names more than one action takes."""
    found = work.problems.page(replace(wanted, limit=MOST + 1))
    return [problem.id for problem, _ in found[:MOST]], len(found) > MOST


def _after(work: Work, problem: Problem, action: Action) -> Problem | None:
    if action.reason is None:
        return problem.reopen() if problem.state is ProblemState.DISMISSED else None
    dismissal = Dismissal(action.reason, action.comment, work.caller.user_id, work.now, action.expires_at)
    before = problem.dismissal
    if before is not None and replace(before, by=dismissal.by, at=dismissal.at) == dismissal:
        return problem
    return problem.dismiss(dismissal)


def _tell(work: Work, changed: Sequence[Problem], action: Action) -> None:
    """History, audit and events of what was done, project by project; then the figures of the newest analyses."""
    by_project: dict[str, list[str]] = {}
    for one in changed:
        by_project.setdefault(one.project_id, []).append(one.id)
    work.problems.record([one.id for one in changed], _entry(work, action))
    for project_id, ids in sorted(by_project.items()):
        subject = ids[0] if len(ids) == 1 else project_id
        work.audit.add(f"finding.{_VERB[action.state]}", subject, **_told(project_id, ids, action))
        for start in range(0, len(ids), AT_ONCE):
            part = tuple(ids[start : start + AT_ONCE])
            reason = str(action.reason or Change.REOPENED)
            by = work.caller.user_id
            work.events.add(FindingsChanged(action.state, project_id, part, work.now, None, by, reason))
        refresh(work, project_id)


_VERB = {ProblemState.DISMISSED: "dismiss", ProblemState.OPEN: "reopen"}


def _told(project_id: str, ids: Sequence[str], action: Action) -> Mapping[str, object]:
    told: dict[str, object] = {"project_id": project_id, "findings": list(ids), "comment": action.comment}
    return told | ({"reason": str(action.reason)} if action.reason else {})


def _entry(work: Work, action: Action) -> Entry:
    return Entry(
        Change.DISMISSED if action.reason else Change.REOPENED,
        work.now,
        actor_id=work.caller.user_id,
        actor_kind=work.caller.kind,
        reason=str(action.reason) if action.reason else None,
        comment=action.comment,
        expires_at=action.expires_at,
    )


def refresh(work: Work, project_id: str) -> None:
    """Count again what is open and new in the newest analysis of each line, as people look at those."""
    for id_ in work.analyses.newest_of_lines(project_id):
        analysis = work.analyses.get(id_)
        again = counted(work, analysis)
        if again != analysis:
            work.analyses.save(replace(again, revision=analysis.revision + 1))
    gating.due(work, project_id)
