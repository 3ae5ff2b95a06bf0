"""`EventInvokeConfig` and `DeadLetterQueue`: retries of asynchronous invokes, and where their results go.

AWS: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventinvokeconfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.model import AsyncRules, AwsResource
from emulator.template.resources import KINDS

_TYPES = ("SQS", "SNS", "EventBridge", "Lambda", "S3Bucket")
_INJECTED = {"SQS": ("AWS::SQS::Queue", "Queue"), "SNS": ("AWS::SNS::Topic", "Topic")}
_EVENTS = ("OnSuccess", "OnFailure")
_MAX_RETRIES, _MIN_AGE_S, _MAX_AGE_S = 2, 60, 21_600


def read_rules(logical_id: str, given: Mapping[str, Any]) -> AsyncRules:
    """Return the rules that a function's properties give.

    Raises:
        TemplateError: a number out of its range, or a destination of an unknown type.
    """
    config, dead = given.get("EventInvokeConfig") or {}, given.get("DeadLetterQueue") or {}
    if dead and (dead.get("Type") not in _INJECTED or not dead.get("TargetArn")):
        raise TemplateError(f"{logical_id}: DeadLetterQueue needs a Type of SQS or SNS and a TargetArn")
    return AsyncRules(
        max_retries=_between(logical_id, config, "MaximumRetryAttempts", 0, _MAX_RETRIES, default=_MAX_RETRIES),
        max_age_s=_between(logical_id, config, "MaximumEventAgeInSeconds", _MIN_AGE_S, _MAX_AGE_S, default=_MAX_AGE_S),
        on_success=_destination(logical_id, config, "OnSuccess"),
        on_failure=_destination(logical_id, config, "OnFailure"),
        dead_letter=str(dead["TargetArn"]) if dead else None,
    )


def injected(logical_id: str, given: Mapping[str, Any]) -> list[AwsResource]:
    """Return the queues and topics that SAM makes for destinations without an ARN."""
    config = given.get("EventInvokeConfig") or {}
    return [
        AwsResource(_INJECTED[kind][0], name, name)
        for event in _EVENTS
        if (kind := _injected_kind(config, event)) and (name := _injected_name(logical_id, event, kind))
    ]


def _destination(logical_id: str, config: Mapping[str, Any], event: str) -> str | None:
    found = (config.get("DestinationConfig") or {}).get(event) or {}
    if not found:
        return None
    if "Type" in found and found["Type"] not in _TYPES:
        raise TemplateError(f"{logical_id}: {event} is of type {found['Type']}, known are {', '.join(_TYPES)}")
    if found.get("Type") == "S3Bucket" and event == "OnSuccess":
        raise TemplateError(f"{logical_id}: a bucket is a destination of failures only")
    if "Destination" in found:
        return str(found["Destination"])
    kind = _injected_kind(config, event)
    if kind is None:
        raise TemplateError(f"{logical_id}: {event} has no Destination")
    return KINDS[_INJECTED[kind][0]].attributes["Arn"](_injected_name(logical_id, event, kind))


def _injected_kind(config: Mapping[str, Any], event: str) -> str | None:
    found = (config.get("DestinationConfig") or {}).get(event) or {}
    kind = found.get("Type")
    return kind if kind in _INJECTED and "Destination" not in found else None


def _injected_name(logical_id: str, event: str, kind: str) -> str:
    return f"{logical_id}EventInvokeConfig{event}{_INJECTED[kind][1]}"


def _between(logical_id: str, config: Mapping[str, Any], name: str, least: int, most: int, *, default: int) -> int:
    value = int(config.get(name, default))
    if not least <= value <= most:
        raise TemplateError(f"{logical_id}: {name} is {value}, allowed are {least} to {most}")
    return value
