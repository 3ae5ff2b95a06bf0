"""The HTTP surface of this domain: read top to bottom, it is the API."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from functions.comparison import service
from functions.comparison.ports import Deps, Work
from functions.comparison.schemas import ComparisonOut, Health, NewComparison
from kernel.http import Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, PageQuery, page_of
from kernel.relay import Relay


def build(deps: Deps, relay: Relay | None = None) -> Application:
    app = Application("comparison")

    @app.route("/v1/comparison/health", methods=["GET"])
    @endpoint(app)
    def comparison_health() -> Health:
        """Tell whether this domain can serve."""
        deps.ready()
        return Health(service="comparison")

    @app.route("/v1/comparisons", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def create_comparison(body: NewComparison, caller: Caller, once: Once) -> ComparisonOut:
        """Create a comparison of two variants by one metric."""
        deps.permissions.require(caller, "comparison.create")
        with deps.work(caller) as work:
            return once(work, ComparisonOut, lambda: _create(deps, work, body))

    @app.route("/v1/comparisons", methods=["GET"])
    @endpoint(app)
    def list_comparisons(query: PageQuery, caller: Caller) -> Page[ComparisonOut]:
        """List the organisation's comparisons, oldest first."""
        deps.permissions.require(caller, "comparison.read")
        with deps.work(caller) as work:
            found = work.comparisons.page(after=query.after, limit=query.limit + 1)
        return page_of(found, query, ComparisonOut.of)

    @app.route("/v1/comparisons/{comparison_id}", methods=["GET"])
    @endpoint(app)
    def get_comparison(comparison_id: Id, caller: Caller) -> ComparisonOut:
        """Get one comparison."""
        deps.permissions.require(caller, "comparison.read")
        with deps.work(caller) as work:
            return ComparisonOut.of(work.comparisons.get(comparison_id))

    if relay is not None:

        @app.on("relay")
        def relay_events(event: Mapping[str, Any]) -> dict[str, int]:
            return relay.run(event)

    return app


def _create(deps: Deps, work: Work, body: NewComparison) -> ComparisonOut:
    fields = {name: getattr(body, name) for name in type(body).model_fields}
    return ComparisonOut.of(service.create(work, id=deps.new_id(), **fields))
