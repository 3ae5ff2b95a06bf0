"""Duplicates of an analysis."""

from __future__ import annotations

from functions.analysis.ports import Deps
from functions.analysis.schemas.cursors import cursor_of
from functions.analysis.schemas.duplicates import DuplicateOut, DuplicateQuery
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/analyses/{analysis_id}/duplicates", methods=["GET"])
    @endpoint(app)
    def list_duplicates(analysis_id: Id, query: DuplicateQuery, caller: Caller) -> Page[DuplicateOut]:
        """List groups of equal code, the largest first."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            work.analyses.get(analysis_id)
            found = work.duplicates.page(analysis_id, after=query.behind, limit=query.limit + 1)
        shown = found[: query.limit]
        cursor = cursor_of(query.behind + len(shown)) if len(found) > query.limit else None
        return Page(items=[DuplicateOut.of(group) for group in shown], next_cursor=cursor)
