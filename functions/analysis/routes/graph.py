"""Questions to the graph."""

from __future__ import annotations

from functions.analysis import reach
from functions.analysis.ports import Deps
from functions.analysis.schemas import graph as shown
from functions.analysis.service import exploring
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id

_PATH = "/v1/analyses/{analysis_id}/graph"


def add(app: Application, deps: Deps) -> None:
    def seen(caller: Caller, analysis_id: str) -> exploring.Seen:
        deps.permissions.require(caller, "analysis.read")
        return exploring.seen(deps, caller, analysis_id)

    @app.route(_PATH, methods=["GET"])
    @endpoint(app)
    def get_graph(analysis_id: Id, caller: Caller) -> shown.GraphOut:
        """Count what the graph holds of the analysis' branch, or of the main line."""
        found = seen(caller, analysis_id)
        deps.graph.reach()
        return shown.GraphOut(version_id=found.version_id, state=found.state, **found.size._asdict())

    @app.route(f"{_PATH}/impact", methods=["GET"])
    @endpoint(app)
    def get_impact(analysis_id: Id, query: shown.ImpactQuery, caller: Caller) -> shown.ImpactOut:
        """List what a change of a file or a symbol can reach, the nearest first, and the tests that should run."""
        found = seen(caller, analysis_id)
        asked = deps.graph.ask(found.view)
        if query.symbol is None:
            impact = reach.impact_of_file(asked, query.path, query.depth)
        else:
            impact = reach.impact_of_symbol(asked, query.path, query.symbol, query.depth)
        items = [shown.DependantOut.model_validate(one._asdict()) for one in impact.items]
        said = {"tests": impact.tests, "reached": impact.reached, "truncated": impact.truncated}
        return shown.ImpactOut(
            version_id=found.version_id, state=found.state, **query.model_dump(), items=items, **said
        )

    @app.route(f"{_PATH}/callers", methods=["GET"])
    @endpoint(app)
    def get_callers(analysis_id: Id, query: shown.CallersQuery, caller: Caller) -> shown.CallersOut:
        """List who calls a symbol, the most frequent first."""
        found = seen(caller, analysis_id)
        callers, more = reach.callers(deps.graph.ask(found.view), query.path, query.symbol)
        items = [shown.CallerOut.model_validate(one._asdict()) for one in callers]
        answer = {"items": items, "truncated": more, **query.model_dump()}
        return shown.CallersOut(version_id=found.version_id, state=found.state, **answer)

    @app.route(f"{_PATH}/cycles", methods=["GET"])
    @endpoint(app)
    def get_cycles(analysis_id: Id, query: shown.CyclesQuery, caller: Caller) -> shown.CyclesOut:
        """List files, or folders, that import each other in a ring, the largest ring first."""
        found = seen(caller, analysis_id)
        cycles, more = exploring.cycles(deps, deps.graph.ask(found.view), folders=query.of == "folders")
        items = [shown.CycleOut.model_validate(one._asdict()) for one in cycles]
        return shown.CyclesOut(version_id=found.version_id, state=found.state, of=query.of, items=items, truncated=more)
