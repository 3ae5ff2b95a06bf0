"""GitHub's webhooks: https://docs.github.com/en/webhooks/webhook-events-and-payloads."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from functions.project.hooks import reading
from functions.project.hooks.notices import Notice, Other, Posted, Proposed, Pushed, Told
from functions.project.repositories import PullRequest

# What brings new code, or makes code count that did not before.
_ASKS = frozenset({"opened", "synchronize", "reopened", "ready_for_review", "labeled", "unlabeled", "edited"})
_TELLS = _ASKS | {"closed", "converted_to_draft"}


def is_signed(posted: Posted, secret: str) -> bool:
    """Whether `X-Hub-Signature-256` is the HMAC-SHA256 of the body's bytes; SHA-1 alone proves nothing."""
    expected = "sha256=" + hmac.new(secret.encode(), posted.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), posted.header("x-hub-signature-256").encode())


def told(posted: Posted, payload: Mapping[str, Any]) -> Told:
    delivery = reading.delivery_of(posted.header("x-github-delivery"), posted.body)
    return Told(delivery, posted.header("x-github-event")[:40], reading.text(payload, "action")[:40])


def notice(told: Told, payload: Mapping[str, Any], org_id: str, project_id: str) -> Notice:
    """Raises Invalid if the event is not of its documented form."""
    if told.event == "push":
        return _pushed(payload)
    if told.event == "pull_request" and told.action in _TELLS:
        pull = _pull(reading.inner(payload, "pull_request"), org_id, project_id)
        return Proposed(_repository(payload), pull, asks=told.action in _ASKS and pull.state == "open")
    return Other("ping" if told.event == "ping" else "event")


def _pushed(payload: Mapping[str, Any]) -> Notice:
    name = reading.ref(payload, "ref")
    if not name.startswith(reading.HEADS):
        return Other("tag")
    after = reading.sha(payload, "after")
    if reading.is_nothing(after):
        return Other("branch_deleted")
    sender = reading.inner(payload, "sender")
    return Pushed(_repository(payload), name.removeprefix(reading.HEADS), after, _is_bot(sender))


def _pull(found: Mapping[str, Any], org_id: str, project_id: str) -> PullRequest:
    head, base, author = (reading.inner(found, name) for name in ("head", "base", "user"))
    is_open = found.get("state") == "open"
    return PullRequest(
        org_id=org_id,
        project_id=project_id,
        number=reading.whole(found, "number"),
        title=reading.text(found, "title"),
        author=reading.text(author, "login"),
        url=reading.text(found, "html_url"),
        state="open" if is_open else "merged" if found.get("merged") is True else "closed",
        draft=found.get("draft") is True,
        by_bot=_is_bot(author),
        labels=reading.labels(found.get("labels"), "name"),
        head_ref=reading.ref(head, "ref"),
        head_sha=reading.sha(head, "sha"),
        base_ref=reading.ref(base, "ref"),
        base_sha=reading.sha(base, "sha"),
        changed_at=reading.moment(found, "updated_at"),
    )


def _repository(payload: Mapping[str, Any]) -> str:
    return reading.address(reading.inner(payload, "repository"), "clone_url", "html_url")


def _is_bot(user: Mapping[str, Any]) -> bool:
    return user.get("type") == "Bot" or reading.text(user, "login").endswith("[bot]")
