"""Webhooks to the outside, and their deliveries, on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from functions.project.webhooks import EVENTS, Attempt, Delivery, DeliveryState, Webhook
from kernel.outbound.reach import LONGEST_URL

Event = Literal[
    "version.published",
    "analysis.completed",
    "gate.changed",
    "finding.dismissed",
    "finding.reopened",
    "finding.fixed",
    "finding.*",
]


def _named(events: Sequence[str]) -> tuple[str, ...]:
    """The events by name, each once; `finding.*` is all of findings."""
    wanted = {name for name in EVENTS if name in events or (name.startswith("finding.") and "finding.*" in events)}
    return tuple(sorted(wanted))


class NewWebhook(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"url": "https://example.com/hooks", "events": ["analysis.completed"]}},
    )

    url: str = Field(min_length=1, max_length=LONGEST_URL, description="https, at a public address")
    events: list[Event] = Field(min_length=1, max_length=20)

    @property
    def named(self) -> tuple[str, ...]:
        return _named(self.events)


class WebhookPatch(BaseModel):
    """What is left out stays as it is. A new secret is shown in the answer to this request alone."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"events": ["finding.*"]}})

    url: str | None = Field(default=None, min_length=1, max_length=LONGEST_URL)
    events: list[Event] | None = Field(default=None, min_length=1, max_length=20)
    enabled: bool | None = None
    rotate_secret: bool = False

    @field_validator("url", "events", "enabled")
    @classmethod
    def _refuse_null(cls, value: object) -> object:
        if value is None:
            raise ValueError("leave it out or give a value")
        return value

    @property
    def named(self) -> tuple[str, ...] | None:
        return None if self.events is None else _named(self.events)


class WebhookOut(BaseModel):
    """`secret` is shown once: when the webhook is made, or its secret is changed."""

    id: str
    project_id: str
    url: str
    events: list[str]
    enabled: bool
    disabled_reason: str | None = Field(description="asked, failing (nothing arrived for long) or gone (a 410)")
    failing_since: datetime | None
    revision: int
    created_by: str
    created_at: datetime
    updated_at: datetime
    secret: str | None = None

    @classmethod
    def of(cls, webhook: Webhook, secret: str | None = None) -> Self:
        same = {name: getattr(webhook, name) for name in cls.model_fields if name not in ("events", "secret")}
        return cls(**same, events=list(webhook.events), secret=secret)


class WebhookAttemptOut(BaseModel):
    """One try: the status that came back, or the code of why none did; `excerpt` is the beginning of the answer."""

    at: datetime
    status: int | None
    code: str | None
    duration_ms: int
    excerpt: str

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        return cls(**{name: getattr(attempt, name) for name in cls.model_fields})


class WebhookDeliveryOut(BaseModel):
    """An event told to a webhook. `id` is the `webhook-id` of all its attempts; the newest 20 of them are shown."""

    id: str
    webhook_id: str
    event: str
    event_id: str
    state: DeliveryState
    code: str | None
    created_at: datetime
    ended_at: datetime | None
    attempts: list[WebhookAttemptOut]

    @classmethod
    def of(cls, delivery: Delivery, attempts: Sequence[Attempt]) -> Self:
        same = {name: getattr(delivery, name) for name in cls.model_fields if name != "attempts"}
        return cls(**same, attempts=list(map(WebhookAttemptOut.of, attempts)))
