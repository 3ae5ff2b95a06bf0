"""Event buses: what is put on one becomes asynchronous invokes of the functions whose rules match."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from emulator.patterns import Pattern
from emulator.sources.eventbridge_input import payload
from emulator.template.eventbridge_model import DEFAULT_BUS, EventRule
from emulator.template.model import ACCOUNT, REGION


class Submit(Protocol):
    """Stores an asynchronous invoke durably; returns its request id."""

    async def __call__(self, reference: str, payload: bytes, *, origin: str) -> str: ...


class Buses:
    """All buses of one emulator, with the rules of its template."""

    def __init__(self, rules: Iterable[EventRule], submit: Submit) -> None:
        self._rules = [(rule, Pattern(rule.pattern)) for rule in rules]
        self._submit = submit

    async def publish(self, event: Mapping[str, Any], bus: str = DEFAULT_BUS) -> list[str]:
        """Invoke every function with a matching rule; return the request ids, all of them stored."""
        matching = [rule for rule, pattern in self._rules if rule.bus == bus and pattern.matches(event)]
        return list(
            await asyncio.gather(
                *(self._submit(rule.function, payload(rule, event), origin="eventbridge") for rule in matching)
            )
        )


def event_of(entry: Mapping[str, Any], detail: Any, now: float) -> dict[str, Any]:
    """Return the event that an entry of PutEvents becomes. `now` is in seconds since 1970."""
    at = float(entry.get("Time") or now)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": ACCOUNT,
        "time": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": list(entry.get("Resources") or ()),
        "detail": detail,
    }
