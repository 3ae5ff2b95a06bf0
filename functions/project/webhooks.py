"""Webhooks to the outside: who is told of what, signed as Standard Webhooks asks. Standard library only.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Final

from kernel.errors import Conflict
from kernel.outbound.reach import Place, Reach

EVENTS: Final = (
    "version.published",
    "analysis.completed",
    "gate.changed",
    "finding.dismissed",
    "finding.reopened",
    "finding.fixed",
)
MOST_WEBHOOKS = 20  # of a project
MOST_WAITING = 1_000  # deliveries of a webhook
SECRET_BYTES = 32  # the standard asks for 24 to 64
DELAYS_S: Final = (10, 60, 300, 1_800, 7_200, 14_400, 28_800, 28_800)  # together 22 hours and 36 minutes, each ± half
LONGEST_EXCERPT = 1_000  # characters of an answer


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants to be different; None leaves a field as it is."""

    url: str | None = None
    events: tuple[str, ...] | None = None
    enabled: bool | None = None
    rotate: bool = False


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of events. `failing_since`: no delivery has arrived since then."""

    id: str
    org_id: str
    project_id: str
    url: str
    events: tuple[str, ...]
    sealed_secret: bytes = field(repr=False)
    created_by: str
    created_at: datetime
    updated_at: datetime
    enabled: bool = True
    disabled_reason: str | None = None
    failing_since: datetime | None = None
    revision: int = 1

    def changed(self, at: datetime, change: Change) -> Webhook:
        """The next revision. One that is enabled again begins without its past."""
        made = replace(
            self,
            url=self.url if change.url is None else change.url,
            events=self.events if change.events is None else change.events,
            updated_at=at,
            revision=self.revision + 1,
        )
        if change.enabled is None:
            return made
        reason = None if change.enabled else "asked"
        return replace(made, enabled=change.enabled, disabled_reason=reason, failing_since=None)

    def failed(self, at: datetime) -> Webhook:
        return self if self.failing_since is not None else replace(self, failing_since=at)

    def arrived(self) -> Webhook:
        return replace(self, failing_since=None)

    def disabled(self, reason: str) -> Webhook:
        return replace(self, enabled=False, disabled_reason=reason, revision=self.revision + 1)

    def check_enabled(self) -> None:
        """Raises Conflict (`webhook_disabled`)."""
        if not self.enabled:
            raise Conflict("the webhook is disabled: enable it first", code="webhook_disabled")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery: the status that came back, or the code of why none did."""

    id: str
    org_id: str
    project_id: str
    delivery_id: str
    at: datetime
    duration_ms: int
    status: int | None = None
    code: str | None = None
    excerpt: str = ""

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event told to a webhook; its id is the `webhook-id` of all its attempts."""

    id: str
    org_id: str
    project_id: str
    webhook_id: str
    event_id: str
    event: str
    body: str = field(repr=False)
    created_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    code: str | None = None
    ended_at: datetime | None = None

    def ended(self, state: DeliveryState, at: datetime, code: str | None = None) -> Delivery:
        return replace(self, state=state, ended_at=at, code=code)

    def again(self) -> Delivery:
        return replace(self, state=DeliveryState.WAITING, ended_at=None, code=None)


def check_url(url: str, reach: Reach) -> Place:
    """Admit the address of a webhook by its form; its name is resolved when it is called. Raises Invalid."""
    place = reach.parse(url)
    try:
        literal = str(ip_address(place.host))
    except ValueError:
        return place
    reach.admit(place, [literal])
    return place


def shown(key: bytes) -> str:
    """A secret as receivers' libraries take it."""
    return "whsec_" + base64.b64encode(key).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of the header `webhook-signature`. `timestamp` is in seconds since 1970."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    said = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()


def delay_s(attempts: int) -> float | None:
    """Seconds until the next attempt after so many; None if there is none."""
    return float(DELAYS_S[attempts - 1]) if attempts <= len(DELAYS_S) else None
