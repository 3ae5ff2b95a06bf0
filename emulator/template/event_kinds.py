"""Which module reads which kind of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.template import (
    eventbridge_events,
    http_events,
    kafka_events,
    rest_events,
    s3_events,
    schedule_events,
    sqs_events,
)
from emulator.template.errors import TemplateError
from emulator.template.events import Event, Events
from emulator.template.model import Function

_KINDS: dict[str, Callable[[Event, Events], None]] = {
    "Api": rest_events.add,
    "HttpApi": http_events.add,
    "MSK": kafka_events.add,
    "SelfManagedKafka": kafka_events.add,
    "S3": s3_events.add,
    "SQS": sqs_events.add,
    "EventBridgeRule": eventbridge_events.add,
    "CloudWatchEvent": eventbridge_events.add,
    "Schedule": schedule_events.add,
    "ScheduleV2": schedule_events.add,
}

_ELSEWHERE = frozenset(
    {"AlexaSkill", "CloudWatchLogs", "Cognito", "DocumentDB", "DynamoDB", "IoTRule", "Kinesis", "MQ", "SNS"}
)
"""Sources of events that SAM knows and the emulator has not."""


def add(events: Events, function: Function, name: str, declared: Mapping[str, Any]) -> None:
    """Read one event of a function.

    Raises:
        TemplateError: its type is not emulated, or a property is missing or of the wrong kind.
    """
    kind = str(declared.get("Type"))
    event = Event(f"{function.logical_id}.{name}", function, kind, declared.get("Properties") or {})
    if kind in _ELSEWHERE:
        events.warnings.append(f"{event.place}: events of type {kind} are not emulated")
        return
    if kind not in _KINDS:
        raise TemplateError(f"{event.place}: events of type {kind} are not supported by the emulator")
    try:
        _KINDS[kind](event, events)
    except KeyError as missing:
        raise TemplateError(f"{event.place} has no {missing.args[0]}") from missing
    except (TypeError, ValueError) as wrong:
        raise TemplateError(f"{event.place} has a property of the wrong kind: {wrong}") from wrong
