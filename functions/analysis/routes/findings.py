"""Findings of an analysis."""

from __future__ import annotations

from functions.analysis.ports import Deps
from functions.analysis.schemas.cursors import cursor_of
from functions.analysis.schemas.findings import FindingOut, FindingQuery
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/analyses/{analysis_id}/findings", methods=["GET"])
    @endpoint(app)
    def list_findings(analysis_id: Id, query: FindingQuery, caller: Caller) -> Page[FindingOut]:
        """List findings, worst first, then by path and line."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            analysis = work.analyses.get(analysis_id)
            found = work.findings.page(analysis, query.listing())
        shown = found[: query.limit]
        cursor = cursor_of(shown[-1].rank, shown[-1].seq, shown[-1].n) if len(found) > query.limit else None
        return Page(items=[FindingOut.of(one, analysis.project_id) for one in shown], next_cursor=cursor)
