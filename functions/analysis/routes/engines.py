"""What the engines look for, and what other tools have found."""

from __future__ import annotations

import json
from http import HTTPStatus

from functions.analysis.ports import Deps
from functions.analysis.schemas.engines import ImportsOut, RuleOut, RuleQuery, RulesOut, SarifIn
from functions.analysis.service import foreign
from functions.analysis.service.membership import require_for_analysis
from kernel.errors import TooLarge
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id

LARGEST_LOG = 5 * 1024 * 1024  # a synchronous call takes 6 MB


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/rules", methods=["GET"])
    @endpoint(app)
    def list_rules(query: RuleQuery, caller: Caller) -> RulesOut:
        """List the rules that are built in with their severity, weakness and reason, in the order of their ids."""
        from functions.analysis.engines.engine_set import rules

        deps.permissions.require(caller, "analysis.read")
        listed = [rule for rule in rules().values() if query.engine in (None, rule.engine)]
        return RulesOut(items=[RuleOut.of(rule) for rule in listed])

    @app.route("/v1/analyses/{analysis_id}/imports", methods=["GET"])
    @endpoint(app)
    def list_imports(analysis_id: Id, caller: Caller) -> ImportsOut:
        """List the logs of other tools that an analysis was given, the last one of each tool."""
        deps.permissions.require(caller, "analysis.read")
        with deps.work(caller) as work:
            work.analyses.get(analysis_id)
            return ImportsOut.of(work.imports.of(analysis_id))

    @app.route("/v1/analyses/{analysis_id}/imports", methods=["POST"])
    @endpoint(app, status=HTTPStatus.ACCEPTED)
    def import_findings(analysis_id: Id, body: SarifIn, caller: Caller) -> ImportsOut:
        """Take in a SARIF 2.1.0 log of another tool; the same log again changes nothing. Its findings take part in the merge."""
        require_for_analysis(deps, caller, "analysis.import", analysis_id)
        text = json.dumps(body.root, sort_keys=True, separators=(",", ":")).encode()
        if len(text) > LARGEST_LOG:
            raise TooLarge(f"a log has at most {LARGEST_LOG} bytes", code="log_too_large")
        return ImportsOut.of(foreign.take_in(deps, caller, analysis_id, body.root, text))
