"""Rules, schedules and notifications that resources declare, with functions as their targets.

AWS: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-notificationconfiguration.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.lambda_resources import Of
from emulator.template.model import Function, function_name

RULE, SCHEDULE, _BUCKET = "AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::S3::Bucket"
KINDS = (RULE, SCHEDULE)
_INPUTS = ("Input", "InputPath", "InputTransformer")


@dataclass(frozen=True, slots=True)
class Declared:
    """An event of a function in the words of SAM. Without a function it is a target that nothing here stands for."""

    logical_id: str
    target: str
    function: Function | None
    event: Mapping[str, Any]


def read(of: Of, functions: Mapping[str, Function]) -> Iterator[Declared]:
    """Yield an event for each target.

    Raises:
        TemplateError: a resource has no target.
    """
    for logical_id, given in of(RULE):
        for target in given.get("Targets") or ():
            for event in _of_rule(logical_id, given, target):
                yield _declared(logical_id, target, functions, event)
    for logical_id, given in of(SCHEDULE):
        target = given.get("Target")
        if not isinstance(target, Mapping):
            raise TemplateError(f"{logical_id} has no Target")
        properties = {name: value for name, value in given.items() if name != "Target"}
        properties |= {"Name": given.get("Name", logical_id), **_of_target(target, "Input")}
        yield _declared(logical_id, target, functions, {"Type": "ScheduleV2", "Properties": properties})
    for logical_id, given in of(_BUCKET):
        for target, event in _of_bucket(logical_id, given):
            yield _declared(logical_id, target, functions, event)


def _declared(
    logical_id: str, target: Mapping[str, Any], functions: Mapping[str, Function], event: Mapping[str, Any]
) -> Declared:
    arn = str(target.get("Arn"))
    function = functions.get(function_name(arn)) if ":function:" in arn else None
    return Declared(logical_id, str(target.get("Id", arn)), function, event)


def _of_rule(logical_id: str, given: Mapping[str, Any], target: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    name, state = given.get("Name", logical_id), {"State": given.get("State", "ENABLED")}
    if "ScheduleExpression" in given:
        properties = {"Name": name, "Schedule": given["ScheduleExpression"], **state, **_of_target(target, *_INPUTS)}
        yield {"Type": "Schedule", "Properties": properties}
    if "EventPattern" in given:
        bus = {"EventBusName": given["EventBusName"]} if "EventBusName" in given else {}
        properties = {"RuleName": name, "Pattern": given["EventPattern"], **bus, **state}
        yield {"Type": "EventBridgeRule", "Properties": {**properties, **_of_target(target, *_INPUTS)}}


def _of_bucket(logical_id: str, given: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each notification of a bucket: its target, and the event of SAM that is the same."""
    bucket = str(given.get("BucketName", logical_id.lower()))
    notified = given.get("NotificationConfiguration") or {}
    for kind, target in (("Lambda", "Function"), ("Queue", "Queue"), ("Topic", "Topic")):
        for each in notified.get(f"{kind}Configurations") or ():
            properties = {"Bucket": bucket, "Events": each["Event"], **_of_target(each, "Filter")}
            yield {"Arn": each[target]}, {"Type": "S3", "Properties": properties}


def _of_target(target: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: target[name] for name in names if name in target}
