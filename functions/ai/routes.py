"""The HTTP surface of this domain, and the event that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.ai.messages import AnalysisCompleted, ProjectErased
from functions.ai.ports import Deps
from functions.ai.schemas import Health, ReviewOut, ReviewQuery
from functions.ai.service import erasing, reviewing, sweeping
from kernel.events import DeadLetters, Envelope, On, consume
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, page_of
from kernel.relay import Relay


def build(deps: Deps, *, dead_letters: DeadLetters | None = None, relay: Relay | None = None) -> Application:
    app = Application("ai")

    @app.route("/v1/ai/health", methods=["GET"])
    @endpoint(app)
    def ai_health() -> Health:
        """Tell whether this domain can serve."""
        deps.ready()
        return Health(service="ai")

    @app.route("/v1/reviews", methods=["GET"])
    @endpoint(app)
    def list_reviews(query: ReviewQuery, caller: Caller) -> Page[ReviewOut]:
        """List the organisation's reviews, or that of one analysis, oldest first."""
        deps.permissions.require(caller, "ai.read")
        with deps.work(caller) as work:
            found = work.reviews.page(analysis_id=query.analysis_id, after=query.after, limit=query.limit + 1)
            comments = work.reviews.comments([review.id for review in found])
        return page_of(found, query, lambda review: ReviewOut.of(review, comments[review.id]))

    @app.route("/v1/reviews/{review_id}", methods=["GET"])
    @endpoint(app)
    def get_review(review_id: Id, caller: Caller) -> ReviewOut:
        """Get one review with its comments."""
        deps.permissions.require(caller, "ai.read")
        with deps.work(caller) as work:
            review = work.reviews.get(review_id)
            return ReviewOut.of(review, work.reviews.comments([review_id])[review_id])

    _add_handlers(app, deps, dead_letters, relay)
    return app


def _add_handlers(app: Application, deps: Deps, dead_letters: DeadLetters | None, relay: Relay | None) -> None:
    if dead_letters is not None:

        def review(message: AnalysisCompleted, envelope: Envelope) -> None:
            reviewing.review(deps, message.request(), envelope.caller)

        def erase(message: ProjectErased, envelope: Envelope) -> None:
            erasing.erase(deps, envelope.caller, org_id=message.org_id, project_id=message.project_id)

        @app.on("on_analysis_completed")
        def on_analysis_completed(event: Mapping[str, Any]) -> dict[str, Any]:
            handlers: dict[str, On[Any]] = {
                "analysis.completed": On(AnalysisCompleted, review),
                "project.erased": On(ProjectErased, erase),
            }
            return consume(event, handlers, dead_letters)

    if relay is not None:

        @app.on("relay")
        def relay_events(event: Mapping[str, Any]) -> dict[str, int]:
            swept = sweeping.sweep(deps) if "resources" in event else 0
            return relay.run(event) | {"swept": swept}
