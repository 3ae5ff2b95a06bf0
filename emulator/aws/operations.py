"""Which operation of which service a request asks for, and on what: as an IAM policy would name it.

AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from emulator.aws import operations_s3
from emulator.aws.arns import arn
from emulator.template.model import function_arn, function_name
from emulator.web.messages import Request

_PREFIXES = {"monitoring": "cloudwatch", "email": "ses", "execute-api": "execute-api"}
"""Services that IAM names otherwise than signatures do."""
_MAX_READ_BYTES = 1024 * 1024
_CBOR = re.compile(r"/service/[^/]+/operation/([^/]+)")
_FUNCTION = re.compile(r"/[0-9-]{10}/functions/([^/]+)(/[^?]*)?")
_MAPPINGS = re.compile(r"/2015-03-31/event-source-mappings(/[^/]+)?/?")
_MAPPING_ACTIONS = {
    ("GET", False): "ListEventSourceMappings",
    ("POST", False): "CreateEventSourceMapping",
    ("GET", True): "GetEventSourceMapping",
    ("PUT", True): "UpdateEventSourceMapping",
    ("DELETE", True): "DeleteEventSourceMapping",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """`resource` is an ARN, or `*` where the request does not tell."""

    service: str
    action: str
    resource: str = "*"

    @property
    def permission(self) -> str:
        return f"{self.service}:{self.action}"


def of(request: Request, service: str) -> list[Operation]:
    """Return what permissions a request needs. `service` is the one that its signature names."""
    if service == "s3":
        found = operations_s3.of(request)
        return [Operation("s3", action, resource) for action, resource in found]
    if service == "lambda":
        return [_of_lambda(request)]
    fields = _fields(request)
    action = _action(request, fields)
    prefix = _PREFIXES.get(service, service)
    return [Operation(prefix, action or "*", _resource(prefix, fields))]


def _action(request: Request, fields: Mapping[str, Any]) -> str | None:
    target = request.header("x-amz-target")
    if target:
        return target.rpartition(".")[2]
    if found := _CBOR.fullmatch(request.path):
        return found[1]
    return str(fields["Action"]) if "Action" in fields else None


def _fields(request: Request) -> dict[str, Any]:
    """Return the parameters of a request in JSON or in a form."""
    if len(request.body) > _MAX_READ_BYTES:
        return {}
    try:
        if "json" in (request.header("content-type") or ""):
            document = json.loads(request.body or b"{}")
            return document if isinstance(document, dict) else {}
        return dict(parse_qsl(request.body.decode() or request.query))
    except ValueError:
        return {}


def _named(field: str, service: str, kind: str = "") -> Callable[[Mapping[str, Any]], str | None]:
    """Look for a name in a field and make an ARN of it; an ARN stays as it is."""

    def found(fields: Mapping[str, Any]) -> str | None:
        value = fields.get(field)
        if not isinstance(value, str) or not value:
            return None
        return value if value.startswith("arn:") else arn(service, kind + value.removeprefix("/"))

    return found


def _queue(fields: Mapping[str, Any]) -> str | None:
    name = str(fields.get("QueueUrl") or fields.get("QueueName") or "").rpartition("/")[2]
    return arn("sqs", name) if name else None


def _bus(fields: Mapping[str, Any]) -> str | None:
    entries = fields.get("Entries")
    if not isinstance(entries, list) or not entries:
        return None
    names = {str(each.get("EventBusName") or "default") for each in entries if isinstance(each, dict)}
    name = names.pop() if len(names) == 1 else "*"
    return name if name.startswith("arn:") else arn("events", f"event-bus/{name}")


_RESOURCES: Mapping[str, tuple[Callable[[Mapping[str, Any]], str | None], ...]] = {
    "sqs": (_queue,),
    "sns": (_named("TopicArn", "sns"), _named("TargetArn", "sns"), _named("Name", "sns")),
    "dynamodb": (_named("TableName", "dynamodb", "table/"),),
    "events": (_bus, _named("EventBusName", "events", "event-bus/"), _named("Name", "events", "rule/")),
    "ssm": (_named("Name", "ssm", "parameter/"), _named("Path", "ssm", "parameter/")),
    "secretsmanager": (_named("SecretId", "secretsmanager", "secret:"), _named("Name", "secretsmanager", "secret:")),
    "states": (_named("stateMachineArn", "states"),),
    "kinesis": (_named("StreamARN", "kinesis"), _named("StreamName", "kinesis", "stream/")),
    "kms": (_named("KeyId", "kms", "key/"),),
    "logs": (_named("logGroupName", "logs", "log-group:"),),
}


def _resource(service: str, fields: Mapping[str, Any]) -> str:
    return next((found for look in _RESOURCES.get(service, ()) if (found := look(fields))), "*")


def _of_lambda(request: Request) -> Operation:
    if found := _MAPPINGS.fullmatch(request.path):
        action = _MAPPING_ACTIONS.get((request.method, found[1] is not None), "*")
        return Operation("lambda", action)
    if found := _FUNCTION.fullmatch(request.path):
        rest = found[2] or "/"
        resource = function_arn(function_name(unquote(found[1])))
        if "invo" in rest:
            return Operation("lambda", "InvokeFunction", resource)
        return Operation("lambda", _reading(rest), resource)
    return Operation("lambda", "ListFunctions" if request.path.rstrip("/").endswith("/functions") else "*")


def _reading(rest: str) -> str:
    known = {
        "/": "GetFunction",
        "/configuration": "GetFunctionConfiguration",
        "/policy": "GetPolicy",
        "/concurrency": "GetFunctionConcurrency",
        "/versions": "ListVersionsByFunction",
        "/aliases": "ListAliases",
        "/url": "GetFunctionUrlConfig",
    }
    return known.get(rest, "*")
