"""The HTTP surface of this domain, and the one question that other functions ask it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from functions.provider import service
from functions.provider.ports import Deps
from functions.provider.schemas import Health, NewProvider, ProviderOut, RouteOut, RouteQuestion
from kernel.http import Application, Once, endpoint
from kernel.identity import Caller
from kernel.invoke import answering
from kernel.pages import Id, Page, PageQuery, page_of
from kernel.relay import Relay


def build(deps: Deps, *, ticket_key: bytes | None = None, relay: Relay | None = None) -> Application:
    app = Application("provider")

    @app.route("/v1/provider/health", methods=["GET"])
    @endpoint(app)
    def provider_health() -> Health:
        """Tell whether this domain can serve."""
        deps.ready()
        return Health(service="provider")

    @app.route("/v1/providers", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def create_provider(body: NewProvider, caller: Caller, once: Once) -> ProviderOut:
        """Add a model provider; its key is sealed and never shown again."""
        deps.permissions.require(caller, "provider.create")
        proposal = _proposal(deps, body)
        with deps.work(caller) as work:
            return once(work, ProviderOut, lambda: ProviderOut.of(service.create(deps, work, proposal)))

    @app.route("/v1/providers", methods=["GET"])
    @endpoint(app)
    def list_providers(query: PageQuery, caller: Caller) -> Page[ProviderOut]:
        """List the organisation's providers, oldest first."""
        deps.permissions.require(caller, "provider.read")
        with deps.work(caller) as work:
            found = work.providers.page(after=query.after, limit=query.limit + 1)
        return page_of(found, query, ProviderOut.of)

    @app.route("/v1/providers/{provider_id}", methods=["GET"])
    @endpoint(app)
    def get_provider(provider_id: Id, caller: Caller) -> ProviderOut:
        """Get one provider."""
        deps.permissions.require(caller, "provider.read")
        with deps.work(caller) as work:
            return ProviderOut.of(work.providers.get(provider_id))

    _add_handlers(app, deps, ticket_key, relay)
    return app


def _add_handlers(app: Application, deps: Deps, ticket_key: bytes | None, relay: Relay | None) -> None:
    if ticket_key is not None:

        def route(question: RouteQuestion, caller: Caller) -> RouteOut:
            return RouteOut.of(service.resolve(deps, caller))

        app.on("resolve")(answering("provider-resolve", ticket_key, RouteQuestion, route))

    if relay is not None:

        @app.on("relay")
        def relay_events(event: Mapping[str, Any]) -> dict[str, int]:
            return relay.run(event)


def _proposal(deps: Deps, body: NewProvider) -> service.Proposal:
    return service.Proposal(
        name=body.name,
        kind=body.kind,
        base_url=service.admitted_url(deps, body.kind, body.base_url),
        model=body.model,
        is_default=body.default,
        api_key=body.api_key.get_secret_value() if body.api_key else None,
    )
