"""Findings of an analysis, and over the versions of a project."""

from __future__ import annotations

from functions.analysis.ports import Deps, Work
from functions.analysis.schemas.cursors import cursor_of
from functions.analysis.schemas.findings import FindingOut, FindingQuery
from functions.analysis.schemas.problems import (
    FindingChangeOut,
    FindingDismissalIn,
    FindingHistoryQuery,
    FindingOutcomeOut,
    FindingReopeningIn,
    FindingsActionIn,
    FindingsActionOut,
    ProjectFindingOut,
    ProjectFindingQuery,
    cursor_after,
)
from functions.analysis.service import dismissing, gating
from functions.analysis.service.membership import require, require_for_finding
from functions.analysis.tracking.problems import Action, Change, Entry
from kernel.http import Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page

READ, DISMISS, REOPEN = "analysis.read", "analysis.dismiss", "analysis.reopen"


def add(app: Application, deps: Deps) -> None:
    _add_lists(app, deps)
    _add_actions(app, deps)


def _add_lists(app: Application, deps: Deps) -> None:
    @app.route("/v1/analyses/{analysis_id}/findings", methods=["GET"])
    @endpoint(app)
    def list_findings(analysis_id: Id, query: FindingQuery, caller: Caller) -> Page[FindingOut]:
        """List what an analysis found, worst first, then by path and line; dismissed findings too, with their state."""
        deps.permissions.require(caller, READ)
        with deps.work(caller) as work:
            analysis = work.analyses.get(analysis_id)
            found = work.findings.page(analysis, query.listing())
        shown = found[: query.limit]
        cursor = cursor_of(shown[-1].rank, shown[-1].seq, shown[-1].n) if len(found) > query.limit else None
        return Page(items=[FindingOut.of(one, analysis.project_id) for one in shown], next_cursor=cursor)

    @app.route("/v1/findings", methods=["GET"])
    @endpoint(app)
    def list_project_findings(query: ProjectFindingQuery, caller: Caller) -> Page[ProjectFindingOut]:
        """List the findings of a project over all its versions, worst first: open, dismissed and fixed ones."""
        deps.permissions.require(caller, READ)
        with deps.work(caller) as work:
            found = work.problems.page(query.wanted())
        shown = found[: query.limit]
        cursor = cursor_after(shown[-1][0]) if len(found) > query.limit else None
        return Page(items=[ProjectFindingOut.of(*one) for one in shown], next_cursor=cursor)

    @app.route("/v1/findings/{finding_id}", methods=["GET"])
    @endpoint(app)
    def get_finding(finding_id: Id, caller: Caller) -> ProjectFindingOut:
        """Get one finding with its state."""
        deps.permissions.require(caller, READ)
        with deps.work(caller) as work:
            return ProjectFindingOut.of(*work.problems.get(finding_id))

    @app.route("/v1/findings/{finding_id}/history", methods=["GET"])
    @endpoint(app)
    def get_finding_history(finding_id: Id, query: FindingHistoryQuery, caller: Caller) -> Page[FindingChangeOut]:
        """List what became of a finding, from the analysis that found it on."""
        deps.permissions.require(caller, READ)
        with deps.work(caller) as work:
            entries = _history(work, finding_id, after=query.behind, limit=query.limit + 1)
        cursor = cursor_of(entries[query.limit - 1][0]) if len(entries) > query.limit else None
        return Page(items=[FindingChangeOut.of(entry) for _, entry in entries[: query.limit]], next_cursor=cursor)


def _add_actions(app: Application, deps: Deps) -> None:
    @app.route("/v1/findings/{finding_id}/dismiss", methods=["POST"])
    @endpoint(app)
    def dismiss_finding(finding_id: Id, body: FindingDismissalIn, caller: Caller, once: Once) -> ProjectFindingOut:
        """Dismiss a finding in all versions and branches, with a reason; a second time takes the place of the first."""
        require_for_finding(deps, caller, DISMISS, finding_id)
        with deps.work(caller) as work:
            done = once(work, ProjectFindingOut, lambda: _act(work, finding_id, body.action()))
        gating.reevaluate(deps, caller, done.project_id)
        return done

    @app.route("/v1/findings/{finding_id}/reopen", methods=["POST"])
    @endpoint(app)
    def reopen_finding(finding_id: Id, body: FindingReopeningIn, caller: Caller, once: Once) -> ProjectFindingOut:
        """Take a dismissal back; 409 if the finding is not dismissed."""
        require_for_finding(deps, caller, REOPEN, finding_id)
        with deps.work(caller) as work:
            done = once(work, ProjectFindingOut, lambda: _act(work, finding_id, body.action()))
        gating.reevaluate(deps, caller, done.project_id)
        return done

    @app.route("/v1/findings/actions", methods=["POST"])
    @endpoint(app)
    def act_on_findings(body: FindingsActionIn, caller: Caller, once: Once) -> FindingsActionOut:
        """Dismiss or reopen many findings of a project in one step, and say of each what became of it."""
        require(deps, caller, DISMISS if body.action == "dismiss" else REOPEN, body.project_id)
        with deps.work(caller) as work:
            done = once(work, FindingsActionOut, lambda: _act_on_all(work, body))
        gating.reevaluate(deps, caller, body.project_id)
        return done


def _act(work: Work, finding_id: str, action: Action) -> ProjectFindingOut:
    dismissing.act(work, finding_id, action)
    return ProjectFindingOut.of(*work.problems.get(finding_id))


def _act_on_all(work: Work, body: FindingsActionIn) -> FindingsActionOut:
    ids, more = body.finding_ids or [], False
    if body.filter is not None:
        ids, more = dismissing.chosen(work, body.filter.wanted(body.project_id))
    outcomes = dismissing.act_on_all(work, ids, body.what(), project_id=body.project_id)
    items = [FindingOutcomeOut.model_validate({"id": id_, "outcome": said}) for id_, said in outcomes.items()]
    return FindingsActionOut(items=items, done=sum(one.outcome == dismissing.DONE for one in items), more=more)


def _history(work: Work, finding_id: str, *, after: int, limit: int) -> list[tuple[int, Entry]]:
    """The sighting that began it is kept with the finding itself; its number is 0."""
    problem, _ = work.problems.get(finding_id)
    found = Entry(Change.FOUND, problem.first_seen_at, problem.first_analysis_id, problem.first_version_id)
    first = [(0, found)] if after < 0 else []
    return first + work.problems.history(finding_id, after=max(after, 0), limit=limit - len(first))
