"""The HTTP surface of this domain: read top to bottom, it is the API."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from functions.version import service
from functions.version.ports import Deps
from functions.version.schemas import ExperimentOut, Health, NewExperiment
from kernel.http import Answer, Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, PageQuery, page_of
from kernel.relay import Relay


def build(deps: Deps, relay: Relay | None = None) -> Application:
    app = Application("version")

    @app.route("/v1/version/health", methods=["GET"])
    @endpoint(app)
    def version_health() -> Health:
        """Tell whether this domain can serve."""
        deps.ready()
        return Health(service="version")

    @app.route("/v1/experiments", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def create_experiment(body: NewExperiment, caller: Caller, once: Once) -> ExperimentOut:
        """Create an experiment in state draft."""
        deps.permissions.require(caller, "version.create")
        with deps.work(caller) as work:
            return once(work, ExperimentOut, lambda: _create(deps, work, body))

    @app.route("/v1/experiments", methods=["GET"])
    @endpoint(app)
    def list_experiments(query: PageQuery, caller: Caller) -> Page[ExperimentOut]:
        """List the organisation's experiments, oldest first."""
        deps.permissions.require(caller, "version.read")
        with deps.work(caller) as work:
            found = work.experiments.page(after=query.after, limit=query.limit + 1)
        return page_of(found, query, ExperimentOut.of)

    @app.route("/v1/experiments/{experiment_id}", methods=["GET"])
    @endpoint(app)
    def get_experiment(experiment_id: Id, caller: Caller) -> ExperimentOut | Answer:
        """Get one experiment; its revision is the ETag."""
        deps.permissions.require(caller, "version.read")
        with deps.work(caller) as work:
            return _tagged(ExperimentOut.of(work.experiments.get(experiment_id)))

    @app.route("/v1/experiments/{experiment_id}/archive", methods=["POST"])
    @endpoint(app)
    def archive_experiment(experiment_id: Id, caller: Caller, if_match: str | None) -> ExperimentOut | Answer:
        """End an experiment; with If-Match only if nobody changed it meanwhile."""
        deps.permissions.require(caller, "version.archive")
        revision = int(if_match) if if_match and if_match.isdigit() else None
        with deps.work(caller) as work:
            return _tagged(ExperimentOut.of(service.archive(work, experiment_id=experiment_id, revision=revision)))

    if relay is not None:

        @app.on("relay")
        def relay_events(event: Mapping[str, Any]) -> dict[str, int]:
            return relay.run(event)

    return app


def _create(deps: Deps, work: Any, body: NewExperiment) -> ExperimentOut:
    return ExperimentOut.of(service.create(work, id=deps.new_id(), name=body.name, hypothesis=body.hypothesis))


def _tagged(experiment: ExperimentOut) -> Answer:
    return Answer(experiment, headers={"ETag": f'"{experiment.revision}"'})
