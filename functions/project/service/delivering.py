"""Telling webhooks: signed, with every attempt recorded, again until it arrived or 22 hours went by.

An attempt that was made and not recorded is made again; receivers know it by its `webhook-id`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.project.ports import Deps, Work
from functions.project.ports.hooks import Answered, PostJob
from functions.project.posting.plain import visible
from functions.project.posting.speaking import wait_s
from functions.project.webhooks import (
    LONGEST_EXCERPT,
    Attempt,
    Delivery,
    DeliveryState,
    Webhook,
    delay_s,
    signature,
)
from kernel.errors import DomainError
from kernel.identity import Caller

MOST_S = 15.0
MOST_BYTES = 64 * 1024
LONG_FAILURE = timedelta(hours=11)  # the least that all attempts of one delivery take
SIGNING = "webhook_signing"  # what the sealed secret is for
GONE = 410


@dataclass(frozen=True, slots=True)
class _Tried:
    attempt: Attempt
    wait_s: int | None = None


def attempt(deps: Deps, job: PostJob) -> str:
    """Try one delivery; the state that it then has, or `lost`. Raises NotFound if it went meanwhile."""
    caller = Caller.function(job.org_id, job.id)
    with deps.work(caller) as work:
        if not work.posts.holds(job):
            return "lost"
        delivery = work.deliveries.get(job.id)
        webhook, now = work.webhooks.get(delivery.webhook_id), work.now
        if not webhook.enabled:
            work.deliveries.save(delivery.ended(DeliveryState.FAILED, now, "webhook_disabled"))
            work.posts.end(job)
            return DeliveryState.FAILED
    tried = _try(deps, webhook, delivery, now)
    with deps.work(caller) as work:
        return _conclude(work, job, tried)


def _try(deps: Deps, webhook: Webhook, delivery: Delivery, now: datetime) -> _Tried:
    begun = deps.monotonic()

    def made(status: int | None, code: str | None, excerpt: str) -> Attempt:
        spent_ms = round((deps.monotonic() - begun) * 1000)
        about = delivery.org_id, delivery.project_id, delivery.id
        return Attempt(deps.new_id(), *about, at=now, duration_ms=spent_ms, status=status, code=code, excerpt=excerpt)

    try:
        answer = _told(deps, webhook, delivery, int(now.timestamp()))
    except DomainError as failed:
        return _Tried(made(None, failed.code, ""))
    excerpt = visible(answer.body.decode(errors="replace"), LONGEST_EXCERPT)
    return _Tried(made(answer.status, None, excerpt), wait_s(answer))


def _told(deps: Deps, webhook: Webhook, delivery: Delivery, stamp: int) -> Answered:
    body = delivery.body.encode()
    secret = deps.seal.open(webhook.sealed_secret, webhook.org_id, webhook.id, SIGNING)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature(secret, delivery.id, stamp, body),
    }
    with deps.web().talk(most_bytes=MOST_BYTES, most_s=MOST_S) as talk:
        return talk.tell(webhook.url, headers, body, most_bytes=LONGEST_EXCERPT)


def _conclude(work: Work, job: PostJob, tried: _Tried) -> str:
    webhook = work.webhooks.lock(work.deliveries.get(job.id).webhook_id)  # before the job, as whoever removes one
    if not work.posts.holds(job):
        return "lost"
    delivery = work.deliveries.lock(job.id)
    work.deliveries.record(tried.attempt)
    if tried.attempt.arrived:
        if webhook.failing_since is not None:
            work.webhooks.save(webhook.arrived())
        return _end(work, job, delivery.ended(DeliveryState.DELIVERED, work.now))
    return _failed(work, job, delivery, webhook.failed(work.now), tried)


def _failed(work: Work, job: PostJob, delivery: Delivery, webhook: Webhook, tried: _Tried) -> str:
    delay = delay_s(job.attempts)
    if tried.attempt.status == GONE:
        work.webhooks.save(webhook.disabled("gone"))
        return _end(work, job, delivery.ended(DeliveryState.FAILED, work.now, "gone"))
    if delay is not None:
        work.webhooks.save(webhook)
        work.posts.postpone(job, seconds=max(delay, 2.0 * (tried.wait_s or 0)), counts=True)
        return delivery.state
    long = webhook.failing_since is not None and work.now - webhook.failing_since >= LONG_FAILURE
    work.webhooks.save(webhook.disabled("failing") if long and webhook.enabled else webhook)
    return _end(work, job, delivery.ended(DeliveryState.FAILED, work.now, tried.attempt.code or "refused"))


def _end(work: Work, job: PostJob, delivery: Delivery) -> str:
    work.deliveries.save(delivery)
    work.posts.end(job)
    return delivery.state
