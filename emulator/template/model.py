"""What a template says, once every intrinsic is resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from emulator.template import websocket_model
from emulator.template.errors import TemplateError
from emulator.template.eventbridge_model import EventRule
from emulator.template.http_model import HttpParts
from emulator.template.rest_model import IAM, Api, ApiRoute, Usage
from emulator.template.source_model import KafkaMapping, S3Mapping, ScheduleRule
from emulator.template.sqs_model import SqsMapping
from emulator.template.websocket_model import WebSocketApi

REGION = "us-east-1"
ACCOUNT = "000000000000"
_FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"


def function_arn(name: str) -> str:
    """Return the unqualified ARN of a function."""
    return _FUNCTION_ARN + name


def function_name(reference: str) -> str:
    """Return the plain name in a name, partial ARN or ARN, with or without a qualifier."""
    parts = reference.split(":")
    if "function" in parts:
        parts = parts[parts.index("function") + 1 :]
    return parts[0]


def qualifier_of(reference: str) -> str:
    """Return `$LATEST` of `name:$LATEST` and of an ARN that ends so, empty if there is none."""
    parts = reference.split(":")
    if "function" in parts:
        parts = parts[parts.index("function") + 1 :]
    return parts[1] if len(parts) > 1 else ""


@dataclass(frozen=True, slots=True)
class AsyncRules:
    """How asynchronous invokes of a function are retried and where their results go.

    `on_success` and `on_failure` are ARNs of a function, queue, topic, event bus or bucket, or `kafka://TOPIC`.
    `dead_letter` is the ARN of a queue or topic, which gets the event itself.
    """

    max_retries: int = 2
    max_age_s: int = 21_600
    on_failure: str | None = None
    on_success: str | None = None
    dead_letter: str | None = None


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    logical_id: str
    handler: str
    runtime: str
    task_root: Path
    timeout_s: int = 3
    memory_mb: int = 128
    reserved: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[Path, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    rules: AsyncRules = AsyncRules()
    qualifiers: Mapping[str, str] = field(default_factory=dict)
    """Published versions and aliases, each with the version that it stands for; all run the same code."""
    version: str = "$LATEST"
    configured: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What the Lambda API tells of the function beside the fields above, in its own shape."""

    @property
    def domain(self) -> str | None:
        return self.tags.get("domain")

    @property
    def arn(self) -> str:
        return function_arn(self.name)


@dataclass(frozen=True, slots=True)
class AwsResource:
    """A queue, topic, bucket, table and the like, which is made before its first use."""

    kind: str
    logical_id: str
    name: str
    properties: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Template:
    functions: Mapping[str, Function]
    routes: tuple[ApiRoute, ...] = ()
    apis: Mapping[str, Api] = field(default_factory=dict)
    http: HttpParts = field(default_factory=HttpParts)
    sockets: Mapping[str, WebSocketApi] = field(default_factory=dict)
    kafka: tuple[KafkaMapping, ...] = ()
    s3: tuple[S3Mapping, ...] = ()
    schedules: tuple[ScheduleRule, ...] = ()
    event_rules: tuple[EventRule, ...] = ()
    sqs: tuple[SqsMapping, ...] = ()
    warnings: tuple[str, ...] = ()
    resources: tuple[AwsResource, ...] = ()
    usage: Usage = field(default_factory=Usage)
    hidden: frozenset[str] = frozenset()
    """Values that nothing may print: of parameters with NoEcho, and of resolved references."""

    def only(self, domains: tuple[str, ...]) -> Template:
        """Keep the functions of some domains, and the authorizers that their routes need. None means all.

        Raises:
            TemplateError: a domain has no function.
        """
        if not domains:
            return self
        tagged = {function.domain for function in self.functions.values()}
        for domain in domains:
            if domain not in tagged:
                raise TemplateError(f"no function is tagged with the domain {domain}")
        kept = {name for name, function in self.functions.items() if function.domain in domains}
        routes = tuple(route for route in self.routes if route.function in kept)
        used = {(route.api, route.authorizer) for route in routes if route.authorizer}
        http = self.http.of(kept)
        sockets = websocket_model.only(self.sockets, kept)
        needed = kept | {self.apis[api].authorizers[name].function for api, name in used if name != IAM}
        needed |= http.authorizing().union(*(api.functions for api in sockets.values()))
        return replace(
            self,
            functions={name: function for name, function in self.functions.items() if name in needed},
            routes=routes,
            http=http,
            sockets=sockets,
            kafka=tuple(mapping for mapping in self.kafka if mapping.function in kept),
            s3=tuple(mapping for mapping in self.s3 if mapping.function in kept),
            schedules=tuple(rule for rule in self.schedules if rule.function in kept),
            event_rules=tuple(rule for rule in self.event_rules if rule.function in kept),
            sqs=tuple(mapping for mapping in self.sqs if mapping.function in kept),
        )
