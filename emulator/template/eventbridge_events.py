"""`EventBridgeRule` and `CloudWatchEvent` events: rules that match what is put on an event bus.

AWS: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventbridgerule.html
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.patterns import BadPattern, Pattern
from emulator.template.errors import TemplateError
from emulator.template.eventbridge_model import DEFAULT_BUS, EventRule, bus_name
from emulator.template.events import Event, Events
from emulator.template.schedule_events import enabled, name_of, text_input

_READ = {
    "DeadLetterConfig", "Enabled", "EventBusName", "Input", "InputPath", "InputTransformer", "Pattern", "RetryPolicy", "RuleName",
    "State", "Target",
}  # fmt: skip
"""Retry policies and dead-letter queues are for what Lambda does not take, and here it always takes it."""
_INPUTS = ("Input", "InputPath", "InputTransformer")


def add(event: Event, events: Events) -> None:
    """Add a rule, unless it is disabled.

    Raises:
        TemplateError: its pattern or its input is not one that EventBridge takes.
    """
    events.warn_of_others(event, _READ)
    rule = _rule(event)
    if enabled(event):
        events.event_rules.append(rule)


def _rule(event: Event) -> EventRule:
    given = event.given
    if sum(name in given for name in _INPUTS) > 1:
        raise TemplateError(f"{event.place}: only one of Input, InputPath and InputTransformer may be given")
    transformer = given.get("InputTransformer") or {}
    return EventRule(
        name=name_of(event, "RuleName"),
        function=event.function.name,
        pattern=_pattern(event),
        bus=bus_name(str(given.get("EventBusName", DEFAULT_BUS))),
        input=text_input(event),
        input_path=given.get("InputPath"),
        template=transformer["InputTemplate"] if transformer else None,
        paths={str(name): str(path) for name, path in (transformer.get("InputPathsMap") or {}).items()},
    )


def _pattern(event: Event) -> Mapping[str, object]:
    pattern = event.given["Pattern"]
    try:
        return Pattern(pattern).given
    except BadPattern as wrong:
        raise TemplateError(f"{event.place}: Event pattern is not valid. Reason: {wrong}") from wrong
