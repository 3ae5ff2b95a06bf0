"""Analyses and their progress."""

from __future__ import annotations

from http import HTTPStatus

from functions.analysis.ports import Deps
from functions.analysis.schemas.analyses import AnalysisOut, AnalysisQuery, Health
from kernel.http import Answer, Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, page_of

SECOND = "no-cache"  # a client may keep the answer but asks each time whether it still holds


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/analysis/health", methods=["GET"])
    @endpoint(app)
    def analysis_health() -> Health:
        """Tell whether this domain can serve."""
        deps.ready()
        return Health(service="analysis")

    @app.route("/v1/analyses", methods=["GET"])
    @endpoint(app)
    def list_analyses(query: AnalysisQuery, caller: Caller) -> Page[AnalysisOut]:
        """List analyses, newest first, of one project or version if asked so."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            found = work.analyses.page(
                project_id=query.project_id, version_id=query.version_id, before=query.after, limit=query.limit + 1
            )
        return page_of(found, query, AnalysisOut.of)

    @app.route("/v1/analyses/{analysis_id}", methods=["GET"])
    @endpoint(app)
    def get_analysis(analysis_id: Id, caller: Caller, if_none_match: str | None) -> AnalysisOut | Answer:
        """Get one analysis with its progress; poll with If-None-Match, 304 says that nothing has moved."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            found = work.analyses.get(analysis_id)
        headers = {"ETag": f'"{found.revision}"', "Cache-Control": SECOND}
        if if_none_match == str(found.revision):
            return Answer(None, HTTPStatus.NOT_MODIFIED, headers)
        return Answer(AnalysisOut.of(found), headers=headers)
