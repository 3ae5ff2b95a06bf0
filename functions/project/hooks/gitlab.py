"""GitLab's webhooks: https://docs.gitlab.com/user/project/integrations/webhook_events/."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.project.hooks import reading
from functions.project.hooks.notices import Notice, Other, Posted, Proposed, Pushed, Told
from functions.project.repositories import PullRequest

OLDEST_S = 300  # of a signed delivery: https://github.com/standard-webhooks/standard-webhooks
_BOT = re.compile(r"(?:project|group)_\d+_bot|.*(?:[-_]bot|\[bot\])", re.IGNORECASE)
_ASKS = frozenset({"open", "update", "reopen"})
_TELLS = _ASKS | {"close", "merge"}
_STATES = {"opened": "open", "merged": "merged"}


def is_signed(posted: Posted, secret: str, now: datetime) -> bool:
    """Whether the sender knows the secret: by a signature over id, time and body, else by the plain token.

    Where a signature is sent, it alone counts.
    """
    if posted.header("webhook-signature"):
        return _has_signature(posted, secret, now)
    return hmac.compare_digest(_digest(secret), _digest(posted.header("x-gitlab-token")))


def _digest(text: str) -> bytes:
    """Of one length, so that comparing tells nothing about the secret's."""
    return hashlib.sha256(text.encode()).digest()


def _has_signature(posted: Posted, secret: str, now: datetime) -> bool:
    stamp = posted.header("webhook-timestamp")
    fresh = stamp.isascii() and stamp.isdigit() and abs(int(stamp[:12]) - now.timestamp()) <= OLDEST_S
    said = f"{posted.header('webhook-id')}.{stamp}.".encode() + posted.body
    expected = base64.b64encode(hmac.new(_key(secret), said, hashlib.sha256).digest())
    given = [part.removeprefix("v1,").encode() for part in posted.header("webhook-signature").split(" ")]
    return any(hmac.compare_digest(expected, one) for one in given) and fresh


def _key(secret: str) -> bytes:
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (ValueError, binascii.Error):
        return secret.encode()


def told(posted: Posted, payload: Mapping[str, Any]) -> Told:
    named = ("webhook-id", "idempotency-key", "x-gitlab-event-uuid")
    said = next((posted.header(name) for name in named if posted.header(name)), "")
    action = reading.text(reading.inner(payload, "object_attributes"), "action")
    return Told(reading.delivery_of(said, posted.body), posted.header("x-gitlab-event")[:40], action[:40])


def notice(told: Told, payload: Mapping[str, Any], org_id: str, project_id: str) -> Notice:
    """Raises Invalid if the event is not of its documented form."""
    if told.event == "Push Hook":
        return _pushed(payload)
    if told.event == "Merge Request Hook" and told.action in _TELLS:
        pull = _pull(payload, org_id, project_id)
        return Proposed(_repository(payload), pull, asks=told.action in _ASKS and pull.state == "open")
    return Other("tag" if told.event == "Tag Push Hook" else "event")


def _pushed(payload: Mapping[str, Any]) -> Notice:
    name = reading.ref(payload, "ref")
    if not name.startswith(reading.HEADS):
        return Other("tag")
    after = reading.sha(payload, "after")
    if reading.is_nothing(after):
        return Other("branch_deleted")
    return Pushed(_repository(payload), name.removeprefix(reading.HEADS), after, _is_bot(payload, "user_username"))


def _pull(payload: Mapping[str, Any], org_id: str, project_id: str) -> PullRequest:
    found = reading.inner(payload, "object_attributes")
    author = reading.inner(payload, "user") if found.get("action") == "open" else {}  # else: who did this
    return PullRequest(
        org_id=org_id,
        project_id=project_id,
        number=reading.whole(found, "iid"),
        title=reading.text(found, "title"),
        author=reading.text(author, "username"),
        url=reading.text(found, "url"),
        state=_STATES.get(reading.text(found, "state"), "closed"),
        draft=(found.get("draft", found.get("work_in_progress"))) is True,
        by_bot=_is_bot(author, "username"),
        labels=reading.labels(payload.get("labels"), "title"),
        head_ref=reading.ref(found, "source_branch"),
        head_sha=reading.sha(reading.inner(found, "last_commit"), "id"),
        base_ref=reading.ref(found, "target_branch"),
        base_sha=None,
        changed_at=reading.moment(found, "updated_at"),
    )


def _repository(payload: Mapping[str, Any]) -> str:
    return reading.address(reading.inner(payload, "project"), "git_http_url", "http_url", "web_url")


def _is_bot(user: Mapping[str, Any], name: str) -> bool:
    return _BOT.fullmatch(reading.text(user, name)) is not None
