"""Files of an analysis with their measures."""

from __future__ import annotations

from functions.analysis.ports import Deps
from functions.analysis.schemas.cursors import cursor_of
from functions.analysis.schemas.files import AnalysedFileOut, AnalysedFileQuery
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/analyses/{analysis_id}/files", methods=["GET"])
    @endpoint(app)
    def list_file_metrics(analysis_id: Id, query: AnalysedFileQuery, caller: Caller) -> Page[AnalysedFileOut]:
        """List files by path with their measures, or the reason why they have none."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            work.analyses.get(analysis_id)
            found = work.files.page(analysis_id, status=query.status, after=query.behind, limit=query.limit + 1)
        shown = found[: query.limit]
        cursor = cursor_of(shown[-1].seq) if len(found) > query.limit else None
        return Page(items=[AnalysedFileOut.of(row) for row in shown], next_cursor=cursor)
