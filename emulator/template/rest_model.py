"""What a template says about its REST APIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

IAM = "AWS_IAM"
"""The authorizer of a route that takes signed requests only; no API declares it."""


@dataclass(frozen=True, slots=True)
class RequestRules:
    """What is checked of a request. `parameters` are in full: `method.request.header.X-Key`."""

    model: str | None = None
    body: bool = False
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One resource and method of a REST API. `function` is a name, `authorizer` one of its API's or `AWS_IAM`."""

    method: str
    path: str
    function: str
    authorizer: str | None = None
    api: str = "ServerlessRestApi"
    api_key: bool = False
    rules: RequestRules | None = None
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Authorizer:
    """A Lambda authorizer. `headers`, `query`, `stage_variables` and `context` are its identity sources.

    `ttl_s` is how long an answer is remembered; 0 asks each time.
    """

    name: str
    function: str
    kind: Literal["TOKEN", "REQUEST"] = "TOKEN"
    headers: tuple[str, ...] = ("Authorization",)
    query: tuple[str, ...] = ()
    stage_variables: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    validation: str | None = None
    ttl_s: int = 300


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """An answer that the gateway gives itself. `headers` hold expressions: `'literal'` or `context.requestId`."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cors:
    """Answers of the preflight, without quotes. Without `methods` those of the path are told."""

    origin: str
    methods: str | None = None
    headers: str | None = None
    max_age: str | None = None
    credentials: bool = False


@dataclass(frozen=True, slots=True)
class Throttle:
    """A token bucket: `rate` tokens a second flow in, `burst` fit."""

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class MethodThrottle:
    """A throttle of one route, or of all whose path or method is `*`."""

    path: str
    method: str
    throttle: Throttle


@dataclass(frozen=True, slots=True)
class Api:
    name: str = "ServerlessRestApi"
    stage: str = "Prod"
    authorizers: Mapping[str, Authorizer] = field(default_factory=dict)
    default_authorizer: str | None = None
    authorize_preflight: bool = True
    gateway_responses: Mapping[str, GatewayResponse] = field(default_factory=dict)
    binary_types: tuple[str, ...] = ()
    cors: Cors | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, Any] = field(default_factory=dict)
    api_key: bool = False
    key_of_preflight: bool = True
    key_source: Literal["HEADER", "AUTHORIZER"] = "HEADER"
    throttles: tuple[MethodThrottle, ...] = ()
    plan: Mapping[str, Any] = field(default_factory=dict)
    """`Auth.UsagePlan`, as the template has it."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of a client. Without a value the emulator makes one up."""

    id: str
    name: str
    value: str | None = field(default=None, repr=False)
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Quota:
    """`limit` requests a period; `offset` days shift the day on which a week (from Sunday) or month starts."""

    limit: int
    period: Literal["DAY", "WEEK", "MONTH"]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class PlanStage:
    """A stage that a usage plan covers, with limits of single methods per client."""

    api: str
    stage: str
    throttles: tuple[MethodThrottle, ...] = ()


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """Who may call which stages how often: each key of `keys` has a bucket and a quota of its own."""

    name: str
    stages: tuple[PlanStage, ...]
    keys: tuple[str, ...] = ()
    throttle: Throttle | None = None
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    keys: Mapping[str, ApiKey] = field(default_factory=dict)
    plans: tuple[UsagePlan, ...] = ()

    @property
    def secrets(self) -> frozenset[str]:
        return frozenset(key.value for key in self.keys.values() if key.value)
