"""Webhooks to the outside: made, changed, removed, and told again."""

from __future__ import annotations

from dataclasses import replace
from secrets import token_bytes

from functions.project.ports import Deps, Work
from functions.project.service.delivering import SIGNING
from functions.project.service.reacting import host_of
from functions.project.webhooks import (
    MOST_WEBHOOKS,
    SECRET_BYTES,
    Change,
    Delivery,
    DeliveryState,
    Webhook,
    check_url,
    shown,
)
from kernel.errors import Conflict, Stale, Unconditional


def create(deps: Deps, work: Work, project_id: str, *, url: str, events: tuple[str, ...]) -> tuple[Webhook, str]:
    """The webhook and its secret, which is not shown again.

    Raises:
        Invalid: the address may not be called.
        NotFound: there is no such project.
        Conflict: the project is archived, or has enough webhooks (`too_many_webhooks`).
    """
    check_url(url, deps.reach)
    project = work.projects.lock(project_id)
    project.check_open()
    if len(work.webhooks.page(project.id, after=None, limit=MOST_WEBHOOKS)) >= MOST_WEBHOOKS:
        raise Conflict(f"a project has at most {MOST_WEBHOOKS} webhooks", code="too_many_webhooks")
    webhook_id, secret = deps.new_id(), shown(token_bytes(SECRET_BYTES))
    webhook = Webhook(
        id=webhook_id,
        org_id=project.org_id,
        project_id=project.id,
        url=url,
        events=events,
        sealed_secret=deps.seal.close(secret, project.org_id, webhook_id, SIGNING),
        created_by=work.caller.user_id,
        created_at=work.now,
        updated_at=work.now,
    )
    work.webhooks.add(webhook)
    work.audit.add("webhook.create", webhook.id, project_id=project.id, host=host_of(url), events=list(events))
    return webhook, secret


def change(deps: Deps, work: Work, webhook_id: str, revision: int | None, wanted: Change) -> tuple[Webhook, str | None]:
    """The webhook, and its secret if that is a new one.

    Raises:
        Invalid: the address may not be called.
        NotFound: there is no such webhook.
        Unconditional, Stale: `revision` is missing or not the present one.
    """
    if wanted.url is not None:
        check_url(wanted.url, deps.reach)
    present = work.webhooks.lock(webhook_id)
    if revision is None:
        raise Unconditional("send the ETag of the webhook as If-Match")
    if revision != present.revision:
        raise Stale("the webhook has changed", webhook_id=webhook_id)
    made, secret = present.changed(work.now, wanted), None
    if wanted.rotate:
        secret = shown(token_bytes(SECRET_BYTES))
        made = replace(made, sealed_secret=deps.seal.close(secret, made.org_id, made.id, SIGNING))
    work.webhooks.save(made)
    told = {"host": host_of(made.url), "events": list(made.events), "enabled": made.enabled, "rotated": wanted.rotate}
    work.audit.add("webhook.change", made.id, revision=made.revision, **told)
    return made, secret


def remove(work: Work, webhook_id: str) -> None:
    """Raises NotFound."""
    webhook = work.webhooks.lock(webhook_id)
    work.webhooks.remove(webhook)
    work.audit.add("webhook.remove", webhook.id, project_id=webhook.project_id)


def redeliver(work: Work, delivery_id: str) -> Delivery:
    """Tell an event again under the same `webhook-id`; one that waits is left to wait.

    Raises:
        NotFound: there is no such delivery.
        Conflict: its webhook is disabled (`webhook_disabled`).
    """
    webhook = work.webhooks.lock(work.deliveries.get(delivery_id).webhook_id)
    delivery = work.deliveries.lock(delivery_id)
    webhook.check_enabled()
    if delivery.state is DeliveryState.WAITING:
        return delivery
    waiting = delivery.again()
    work.deliveries.again(waiting, host_of(webhook.url))
    work.audit.add("webhook.redeliver", delivery.id, webhook_id=webhook.id)
    return waiting
