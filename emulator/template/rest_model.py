"""What a template says about its REST APIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One resource and method of a REST API. `function` is a name, `authorizer` one of its API's."""

    method: str
    path: str
    function: str
    authorizer: str | None = None
    api: str = "ServerlessRestApi"


@dataclass(frozen=True, slots=True)
class Authorizer:
    """A Lambda authorizer. `headers` and `query` are its identity sources."""

    name: str
    function: str
    kind: Literal["TOKEN", "REQUEST"] = "TOKEN"
    headers: tuple[str, ...] = ("Authorization",)
    query: tuple[str, ...] = ()
    validation: str | None = None
    ttl_s: int = 0


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """An answer that the gateway gives itself. `headers` hold literals without their quotes."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cors:
    """Answers of the preflight: header values as the template declares them, without quotes."""

    origin: str
    methods: str = "OPTIONS"
    headers: str | None = None
    max_age: str | None = None
    credentials: bool = False


@dataclass(frozen=True, slots=True)
class Api:
    name: str = "ServerlessRestApi"
    stage: str = "live"
    authorizers: Mapping[str, Authorizer] = field(default_factory=dict)
    default_authorizer: str | None = None
    authorize_preflight: bool = True
    gateway_responses: Mapping[str, GatewayResponse] = field(default_factory=dict)
    binary_types: tuple[str, ...] = ()
    cors: Cors | None = None
