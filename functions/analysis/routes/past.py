"""Questions to the history of a project, and what its contracts say."""

from __future__ import annotations

from typing import Any

from functions.analysis.history import History
from functions.analysis.hotspots import coupling, hotspots
from functions.analysis.lifecycle import Analysis
from functions.analysis.ports import Deps
from functions.analysis.schemas import past as shown
from functions.analysis.service.past import history_of, measured
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id

_PATH = "/v1/analyses/{analysis_id}/graph"


def add(app: Application, deps: Deps) -> None:
    def asked(caller: Caller, analysis_id: str) -> Analysis:
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            return work.analyses.get(analysis_id)

    @app.route(f"{_PATH}/hotspots", methods=["GET"])
    @endpoint(app)
    def get_hotspots(analysis_id: Id, caller: Caller) -> shown.HotspotsOut:
        """List files that change often and are complex, the hottest first."""
        analysis = asked(caller, analysis_id)
        history = history_of(deps, analysis)
        if isinstance(history, str):
            return shown.HotspotsOut(version_id=analysis.version_id, measured=False, reason=history)
        found = hotspots(history, measured(deps, caller, analysis))
        items = [shown.HotspotOut.model_validate(one._asdict()) for one in found.items]
        said = {"items": items, "unmeasured": found.unmeasured, "truncated": found.truncated}
        return shown.HotspotsOut(**_source(analysis, history), **said)

    @app.route(f"{_PATH}/coupling", methods=["GET"])
    @endpoint(app)
    def get_coupling(analysis_id: Id, query: shown.CouplingQuery, caller: Caller) -> shown.CouplingOut:
        """List files that change together, the surest first."""
        analysis = asked(caller, analysis_id)
        history = history_of(deps, analysis)
        if isinstance(history, str):
            return shown.CouplingOut(version_id=analysis.version_id, measured=False, reason=history, path=query.path)
        found = coupling(history, measured(deps, caller, analysis), **query.model_dump())
        items = [shown.CoupledOut.model_validate(one._asdict()) for one in found.items]
        said = {"looked_at": found.commits, "left_out": found.wide, "truncated": found.truncated}
        return shown.CouplingOut(**_source(analysis, history), path=query.path, items=items, **said)

    @app.route(f"{_PATH}/contracts", methods=["GET"])
    @endpoint(app)
    def get_contracts(analysis_id: Id, caller: Caller) -> shown.ContractsOut:
        """Say which contracts on imports the version keeps, and how it breaks the others."""
        analysis = asked(caller, analysis_id)
        with deps.work(caller) as work:
            report = work.graphs.report(analysis_id)
        if report is None:
            early = "the analysis has not come so far"
            return shown.ContractsOut(version_id=analysis.version_id, measured=False, reason=early)
        reason = None if report["source"] else "the project has no contracts"
        judged = bool(report["source"]) and not report["refused"]
        said = {"version_id": analysis.version_id, "measured": judged, "reason": reason}
        return shown.ContractsOut.model_validate({**report, **said})


def _source(analysis: Analysis, history: History) -> dict[str, Any]:
    known = {"commits": len(history.commits), "since": history.since, "ignored": history.ignored, "cut": history.cut}
    return {"version_id": analysis.version_id, "measured": True, **known}
