"""The quality gate of an analysis, and ending one before its time or beginning it again."""

from __future__ import annotations

from functions.analysis.ports import Deps
from functions.analysis.schemas.analyses import AnalysisOut
from functions.analysis.schemas.gates import GateOut
from functions.analysis.service import cancelling
from functions.analysis.service.membership import require_for_analysis
from kernel.http import Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/analyses/{analysis_id}/gate", methods=["GET"])
    @endpoint(app)
    def get_gate(analysis_id: Id, caller: Caller) -> GateOut:
        """Get the result of an analysis' quality gate, with what each condition wanted, what is there, and why."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            work.analyses.get(analysis_id)
            return GateOut.of(analysis_id, work.gates.of(analysis_id))

    @app.route("/v1/analyses/{analysis_id}/cancel", methods=["POST"])
    @endpoint(app)
    def cancel_analysis(analysis_id: Id, caller: Caller, once: Once) -> AnalysisOut:
        """Cancel an analysis: what waits is dropped, what runs stops soon and stores nothing; 409 if it is over."""
        require_for_analysis(deps, caller, "analysis.cancel", analysis_id)
        with deps.work(caller) as work:
            return once(work, AnalysisOut, lambda: AnalysisOut.of(cancelling.cancel(work, analysis_id)))

    @app.route("/v1/analyses/{analysis_id}/restart", methods=["POST"])
    @endpoint(app)
    def restart_analysis(analysis_id: Id, caller: Caller, once: Once) -> AnalysisOut:
        """Begin an analysis again that failed or was cancelled; what was read already is not read again."""
        require_for_analysis(deps, caller, "analysis.restart", analysis_id)
        with deps.work(caller) as work:
            return once(work, AnalysisOut, lambda: AnalysisOut.of(cancelling.restart(deps, work, analysis_id)))
