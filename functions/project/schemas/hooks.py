"""Events from hosts on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field

from functions.project.ports.repositories import HookDelivery


class HookAnswer(BaseModel):
    """What becomes of an event: `repeated` says that it came before and nothing was done again."""

    state: Literal["queued", "ignored", "repeated"]
    reason: str | None
    fetch_id: str | None

    @classmethod
    def of(cls, delivery: HookDelivery) -> Self:
        return cls.model_validate({name: getattr(delivery, name) for name in cls.model_fields})


class HookDeliveryOut(BaseModel):
    """An event that was proved, kept for 90 days."""

    id: str
    delivery: str = Field(description="its id at the host")
    event: str
    action: str
    state: Literal["queued", "ignored"]
    reason: str | None = Field(
        description="ping, event, tag, branch_deleted, archived, other_repository, outdated, closed, action, draft, bot,"
        " label, branch, nothing_new or too_many"
    )
    number: int | None = Field(description="of a pull request")
    fetch_id: str | None
    received_at: datetime

    @classmethod
    def of(cls, delivery: HookDelivery) -> Self:
        return cls.model_validate({name: getattr(delivery, name) for name in cls.model_fields})
