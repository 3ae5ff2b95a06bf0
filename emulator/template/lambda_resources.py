"""Plain CloudFormation beside SAM: `AWS::Lambda::Function` and what belongs to functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from emulator.template.destinations import read_rules
from emulator.template.errors import TemplateError
from emulator.template.functions import FIRST_VERSION
from emulator.template.marks import Marked, at, lines_of
from emulator.template.model import Function, function_name

FUNCTION = "AWS::Lambda::Function"
MAPPING = "AWS::Lambda::EventSourceMapping"
KINDS = (
    FUNCTION, MAPPING, "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Version",
)  # fmt: skip
Of = Callable[[str], Iterator[tuple[str, dict[str, Any]]]]
"""Yields the logical id and the resolved properties of each resource of a type."""
_RENAMED = {"DeadLetterConfig": "DeadLetterQueue", "TracingConfig": "Tracing", "KMSKeyArn": "KmsKeyArn"}


def as_serverless(logical_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Spell the properties of an `AWS::Lambda::Function` as SAM does.

    Raises:
        TemplateError: its code is not a folder of this machine.
    """
    found = Marked(lines=lines_of(given))
    for name, value in given.items():
        found[_RENAMED.get(name, name)] = value
    code = found.pop("Code", ".")
    if isinstance(code, Mapping) and "ZipFile" in code:
        found["InlineCode"] = code["ZipFile"]
    elif isinstance(code, str):
        found["CodeUri"] = code
    else:
        with at(given, "Code"):
            raise TemplateError(f"{logical_id}: Code must be a folder of this machine, or a ZipFile with its text")
    if "DeadLetterQueue" in found:
        arn = str(found["DeadLetterQueue"].get("TargetArn", ""))
        found["DeadLetterQueue"] = {"Type": "SNS" if ":sns:" in arn else "SQS", "TargetArn": arn}
    if "Tracing" in found:
        found["Tracing"] = found["Tracing"].get("Mode")
    if isinstance(found.get("Tags"), list):
        found["Tags"] = {each["Key"]: each["Value"] for each in found["Tags"]}
    return found


def apply(functions: Mapping[str, Function], of: Of) -> dict[str, Function]:
    """Return the functions with what other resources say of them.

    Raises:
        TemplateError: a resource names a function that is not declared.
    """
    found = dict(functions)
    for logical_id, given in of("AWS::Lambda::EventInvokeConfig"):
        function = named(found, logical_id, given)
        rules = read_rules(logical_id, {"EventInvokeConfig": given})
        found[function.name] = replace(function, rules=replace(rules, dead_letter=function.rules.dead_letter))
    for kind in ("AWS::Lambda::Version", "AWS::Lambda::Alias"):
        for logical_id, given in of(kind):
            function = named(found, logical_id, given)
            name = str(given["Name"]) if kind.endswith("Alias") else FIRST_VERSION
            qualifiers = {**function.qualifiers, FIRST_VERSION: FIRST_VERSION, name: FIRST_VERSION}
            found[function.name] = replace(function, qualifiers=qualifiers)
    return found


def named(functions: Mapping[str, Function], logical_id: str, given: Mapping[str, Any]) -> Function:
    """Return the function that a resource names by its name or ARN.

    Raises:
        TemplateError: there is no such function.
    """
    reference = str(given.get("FunctionName"))
    function = functions.get(function_name(reference))
    if function is None:
        line = lines_of(given).get("FunctionName")
        raise TemplateError(f"{logical_id} names the function {reference}, which is not declared", line)
    return function


def layer(given: Mapping[str, Any]) -> dict[str, Any]:
    """Spell the properties of an `AWS::Lambda::LayerVersion` as SAM does."""
    content = given.get("Content", ".")
    return {"ContentUri": content if isinstance(content, str) else "."}


def source_kind(given: Mapping[str, Any]) -> str:
    """Return SAM's name of the source of an `AWS::Lambda::EventSourceMapping`."""
    if "SelfManagedEventSource" in given:
        return "SelfManagedKafka"
    service = (str(given.get("EventSourceArn")).split(":") + [""] * 3)[2]
    return {"kafka": "MSK", "sqs": "SQS", "dynamodb": "DynamoDB", "kinesis": "Kinesis"}.get(service, service or "None")
