"""What every domain's use cases need from the outside; a domain's `ports.py` adds its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from kernel.identity import Caller


class Events(Protocol):
    def add(self, event: object) -> None:
        """Publish a domain event when the unit of work commits."""
        ...


class Inbox(Protocol):
    def first(self, consumer: str, event_id: str) -> bool:
        """Claim an event for a consumer; False if it was handled before."""
        ...


class Audit(Protocol):
    def add(self, action: str, subject: str, **details: object) -> None:
        """Record who did `action` to `subject`; `details` hold no secret."""
        ...


class Keys(Protocol):
    def claim(self, key: str, fingerprint: str) -> str | None: ...

    def store(self, key: str, answer: str) -> None: ...


class SharedWork(Protocol):
    """One transaction; `now` is the database's clock (UTC)."""

    @property
    def caller(self) -> Caller: ...
    @property
    def now(self) -> datetime: ...
    @property
    def events(self) -> Events: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def idempotency(self) -> Keys: ...


class Rules(Protocol):
    def evaluate(self, package: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a package of policies decides. Raises Unavailable if nobody can say."""
        ...


class Permissions(Protocol):
    def require(self, caller: Caller, action: str, **resource: object) -> None:
        """Raises Forbidden, or Unavailable if nobody can say."""
        ...
