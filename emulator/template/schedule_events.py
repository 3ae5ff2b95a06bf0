"""`Schedule` and `ScheduleV2` events: rules of EventBridge, and schedules of EventBridge Scheduler.

AWS: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-schedulev2.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.events import Event, Events
from emulator.template.source_model import ScheduleRule

_RULE = {"DeadLetterConfig", "Description", "Enabled", "Input", "Name", "RetryPolicy", "Schedule", "State"}
_SCHEDULE = {
    "DeadLetterConfig", "Description", "EndDate", "FlexibleTimeWindow", "GroupName", "Input", "KmsKeyArn", "Name", "OmitName",
    "PermissionsBoundary", "RetryPolicy", "RoleArn", "ScheduleExpression", "ScheduleExpressionTimezone", "StartDate", "State",
}  # fmt: skip
"""Retry policies and dead-letter queues are for what Lambda does not take, and here it always takes it."""


def add(event: Event, events: Events) -> None:
    """Add a rule, unless it is disabled.

    Raises:
        TemplateError: a value is not one that EventBridge takes.
    """
    scheduler = event.kind == "ScheduleV2"
    events.warn_of_others(event, _SCHEDULE if scheduler else _RULE)
    if (event.given.get("FlexibleTimeWindow") or {}).get("Mode", "OFF") != "OFF":
        events.warnings.append(f"{event.place}: FlexibleTimeWindow is not emulated, it fires when the window opens")
    rule = _schedule(event) if scheduler else _rule(event)
    if enabled(event):
        events.schedules.append(rule)


def enabled(event: Event) -> bool:
    """Tell whether a rule is switched on: by `State`, or by SAM's older `Enabled`.

    Raises:
        TemplateError: `State` is neither ENABLED nor DISABLED.
    """
    state = str(event.given.get("State", "ENABLED"))
    if state not in ("ENABLED", "DISABLED"):
        raise TemplateError(f"{event.place}: State is {state!r}, allowed are ENABLED and DISABLED")
    return state == "ENABLED" and str(event.given.get("Enabled", True)).lower() != "false"


def text_input(event: Event) -> str | None:
    """Return the text that replaces the event.

    Raises:
        TemplateError: it is not JSON in a string.
    """
    given = event.given.get("Input")
    if given is None:
        return None
    try:
        json.loads(given)
    except (TypeError, ValueError) as wrong:
        raise TemplateError(f"{event.place}: Input must be JSON in a string: {wrong}") from wrong
    return str(given)


def _rule(event: Event) -> ScheduleRule:
    return ScheduleRule(
        name=name_of(event, "Name"),
        function=event.function.name,
        expression=str(event.given["Schedule"]),
        input=text_input(event),
    )


def _schedule(event: Event) -> ScheduleRule:
    given = event.given
    return ScheduleRule(
        name=name_of(event, "Name"),
        function=event.function.name,
        expression=str(given["ScheduleExpression"]),
        input=text_input(event),
        timezone=str(given.get("ScheduleExpressionTimezone", "UTC")),
        scheduler=True,
        group=str(given.get("GroupName", "default")),
        start=_moment(event, "StartDate"),
        end=_moment(event, "EndDate"),
    )


def name_of(event: Event, name: str) -> str:
    """Return the given name of a rule, else one made of function and event, as SAM makes it."""
    return str(event.given.get(name) or event.place.replace(".", ""))


def _moment(event: Event, name: str) -> float | None:
    given: Any = event.given.get(name)
    if given is None:
        return None
    try:
        at = datetime.fromisoformat(str(given))
    except ValueError as wrong:
        raise TemplateError(f"{event.place}: {name} is not a date: {wrong}") from wrong
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
