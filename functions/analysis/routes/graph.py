"""Questions to the graph."""

from __future__ import annotations

from functions.analysis.ports import Deps
from functions.analysis.schemas.graph import DependantOut, GraphOut, ImpactOut, ImpactQuery
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/analyses/{analysis_id}/graph", methods=["GET"])
    @endpoint(app)
    def get_graph(analysis_id: Id, caller: Caller) -> GraphOut:
        """Count what the graph holds of the analysis' project, in its newest merged version."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            analysis = work.analyses.get(analysis_id)
        return GraphOut.model_validate(deps.graph.size(analysis.org_id, analysis.project_id)._asdict())

    @app.route("/v1/analyses/{analysis_id}/graph/impact", methods=["GET"])
    @endpoint(app)
    def get_impact(analysis_id: Id, query: ImpactQuery, caller: Caller) -> ImpactOut:
        """List files that a change of `path` may concern: the nearest first, then the most used."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            analysis = work.analyses.get(analysis_id)
        found = deps.graph.impact(analysis.org_id, analysis.project_id, query.path, depth=query.depth)
        items = [DependantOut.model_validate(one._asdict()) for one in found.items]
        return ImpactOut(path=query.path, depth=query.depth, items=items, truncated=found.truncated)
