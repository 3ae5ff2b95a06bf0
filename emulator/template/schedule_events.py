"""`Schedule` and `ScheduleV2` events."""

from __future__ import annotations

from emulator.template.events import Event, Events
from emulator.template.source_model import ScheduleRule

READ = {
    "Description", "Enabled", "FlexibleTimeWindow", "Input", "Name", "RetryPolicy", "Schedule", "ScheduleExpression",
    "ScheduleExpressionTimezone", "State", "PermissionsBoundary", "RoleArn",
}  # fmt: skip


def add(event: Event, events: Events) -> None:
    """Add a rule, unless it is disabled."""
    events.warn_of_others(event, READ)
    if event.given.get("Enabled", True) and event.given.get("State", "ENABLED") == "ENABLED":
        events.schedules.append(_rule(event))


def _rule(event: Event) -> ScheduleRule:
    given, scheduler = event.given, event.kind == "ScheduleV2"
    expression = given["ScheduleExpression"] if scheduler else given["Schedule"]
    return ScheduleRule(
        name=str(given.get("Name") or event.place.replace(".", "")),
        function=event.function.name,
        expression=str(expression),
        input=given.get("Input"),
        timezone=str(given.get("ScheduleExpressionTimezone", "UTC")),
        scheduler=scheduler,
    )
