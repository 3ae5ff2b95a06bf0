"""Webhooks of a project to the outside, and the log of what they were told."""

from __future__ import annotations

from http import HTTPStatus

from functions.project.ports import Deps
from functions.project.routes.settings import revision_of
from functions.project.schemas.webhooks import NewWebhook, WebhookDeliveryOut, WebhookOut, WebhookPatch
from functions.project.service import webhooks
from functions.project.service.membership import require
from functions.project.service.reacting import FUNCTION
from functions.project.webhooks import Change, Webhook
from kernel.http import Answer, Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, PageQuery, page_of


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/projects/{project_id}/webhooks", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def create_webhook(project_id: Id, body: NewWebhook, caller: Caller) -> WebhookOut:
        """Let an address be told of events; the answer shows the secret that signs them, this once."""
        require(deps, caller, "project.connect", project_id)
        with deps.work(caller) as work:
            return WebhookOut.of(*webhooks.create(deps, work, project_id, url=body.url, events=body.named))

    @app.route("/v1/projects/{project_id}/webhooks", methods=["GET"])
    @endpoint(app)
    def list_webhooks(project_id: Id, query: PageQuery, caller: Caller) -> Page[WebhookOut]:
        """List a project's webhooks, oldest first."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            project = work.projects.get(project_id)
            found = work.webhooks.page(project.id, after=query.after, limit=query.limit + 1)
        return page_of(found, query, WebhookOut.of)

    @app.route("/v1/webhooks/{webhook_id}", methods=["GET"])
    @endpoint(app)
    def get_webhook(webhook_id: Id, caller: Caller) -> WebhookOut | Answer:
        """Get a webhook; the revision is the ETag."""
        deps.permissions.require(caller, "project.read")
        return _tagged(_visible(deps, caller, webhook_id))

    _add_changes(app, deps)
    _add_deliveries(app, deps)


def _add_changes(app: Application, deps: Deps) -> None:
    @app.route("/v1/webhooks/{webhook_id}", methods=["PATCH"])
    @endpoint(app)
    def change_webhook(webhook_id: Id, body: WebhookPatch, caller: Caller, if_match: str | None) -> WebhookOut | Answer:
        """Change, disable, or enable a webhook, or let it have a new secret; send its ETag as If-Match."""
        _require_connect(deps, caller, webhook_id)
        revision = revision_of(if_match)
        wanted = Change(body.url, body.named, body.enabled, body.rotate_secret)
        with deps.work(caller) as work:
            return _tagged(*webhooks.change(deps, work, webhook_id, revision, wanted))

    @app.route("/v1/webhooks/{webhook_id}", methods=["DELETE"])
    @endpoint(app, status=HTTPStatus.NO_CONTENT)
    def remove_webhook(webhook_id: Id, caller: Caller) -> None:
        """Forget a webhook, its secret and its deliveries."""
        _require_connect(deps, caller, webhook_id)
        with deps.work(caller) as work:
            webhooks.remove(work, webhook_id)


def _add_deliveries(app: Application, deps: Deps) -> None:
    @app.route("/v1/webhooks/{webhook_id}/deliveries", methods=["GET"])
    @endpoint(app)
    def list_webhook_deliveries(webhook_id: Id, query: PageQuery, caller: Caller) -> Page[WebhookDeliveryOut]:
        """List what a webhook was told in the last 30 days, with the attempts, newest first."""
        deps.permissions.require(caller, "project.read")
        webhook = _visible(deps, caller, webhook_id)
        with deps.work(caller) as work:
            found = work.deliveries.page(webhook.id, after=query.after, limit=query.limit + 1)
            attempts = work.deliveries.attempts([one.id for one in found])
        return page_of(found, query, lambda one: WebhookDeliveryOut.of(one, attempts.get(one.id, ())))

    @app.route("/v1/deliveries/{delivery_id}/redeliver", methods=["POST"])
    @endpoint(app, status=HTTPStatus.ACCEPTED)
    def redeliver_delivery(delivery_id: Id, caller: Caller, once: Once) -> WebhookDeliveryOut:
        """Tell a webhook an event again, under the same `webhook-id`."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            webhook_id = work.deliveries.get(delivery_id).webhook_id
        _require_connect(deps, caller, webhook_id)
        with deps.work(caller) as work:

            def again() -> WebhookDeliveryOut:
                told = webhooks.redeliver(work, delivery_id)
                return WebhookDeliveryOut.of(told, work.deliveries.attempts([told.id]).get(told.id, ()))

            made = once(work, WebhookDeliveryOut, again)
        deps.nudge(FUNCTION)
        return made


def _visible(deps: Deps, caller: Caller, webhook_id: str) -> Webhook:
    """Raises NotFound, also if its project was deleted."""
    with deps.work(caller) as work:
        webhook = work.webhooks.get(webhook_id)
        work.projects.get(webhook.project_id)
    return webhook


def _require_connect(deps: Deps, caller: Caller, webhook_id: str) -> None:
    deps.permissions.require(caller, "project.read")
    require(deps, caller, "project.connect", _visible(deps, caller, webhook_id).project_id)


def _tagged(webhook: Webhook, secret: str | None = None) -> Answer:
    return Answer(WebhookOut.of(webhook, secret), headers={"ETag": f'"{webhook.revision}"'})
