"""What a template says about its HTTP APIs (API Gateway, version 2) and function URLs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

IMPLICIT = "ServerlessHttpApi"
DEFAULT = "$default"
"""The name of the stage without a prefix, and of the route that catches all."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """A token bucket: `rate` tokens a second, `burst` at most."""

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class HttpCors:
    """A CORS configuration; an origin may be `*`, `https://*` or `http://*`."""

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age_s: int | None = None
    credentials: bool = False


@dataclass(frozen=True, slots=True)
class JwtAuthorizer:
    """`source` is a selection expression, such as `$request.header.Authorization`."""

    name: str
    issuer: str
    audience: tuple[str, ...]
    source: str
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LambdaAuthorizer:
    """`sources` are selection expressions; without one nothing is cached."""

    name: str
    function: str
    version: Literal["1.0", "2.0"]
    simple: bool = False
    sources: tuple[str, ...] = ()
    ttl_s: int = 300


@dataclass(frozen=True, slots=True)
class IamAuthorizer:
    """Requests are signed with AWS Signature Version 4."""

    name: str = "AWS_IAM"


HttpAuthorizer = JwtAuthorizer | LambdaAuthorizer | IamAuthorizer


@dataclass(frozen=True, slots=True)
class HttpRoute:
    """A route of an HTTP API. `path` is `$default` for the one that catches all."""

    method: str
    path: str
    function: str
    api: str = IMPLICIT
    authorizer: str | None = None
    scopes: tuple[str, ...] = ()
    version: Literal["1.0", "2.0"] = "2.0"
    timeout_s: float = 30.0
    throttle: Throttle | None = None

    @property
    def key(self) -> str:
        return DEFAULT if self.path == DEFAULT else f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class HttpApi:
    """An HTTP API and its one stage. `throttles` are by route key, `throttle` is that of all other routes."""

    name: str = IMPLICIT
    stage: str = DEFAULT
    authorizers: Mapping[str, HttpAuthorizer] = field(default_factory=dict)
    default_authorizer: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    cors: HttpCors | None = None
    throttle: Throttle | None = None
    throttles: Mapping[str, Throttle] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FunctionUrl:
    """`id` is the first label of its host name."""

    function: str
    id: str
    auth: Literal["NONE", "AWS_IAM"] = "NONE"
    cors: HttpCors | None = None


@dataclass(frozen=True, slots=True)
class HttpParts:
    """All of it, as a template holds it."""

    apis: Mapping[str, HttpApi] = field(default_factory=dict)
    routes: tuple[HttpRoute, ...] = ()
    urls: tuple[FunctionUrl, ...] = ()

    def served(self, route: HttpRoute) -> str:
        """Return the path at which clients reach a route: a stage with a name stands before it."""
        stage = self.apis[route.api].stage
        return route.path if stage == DEFAULT else f"/{stage}{route.path if route.path.startswith('/') else ''}"

    def of(self, functions: Iterable[str]) -> HttpParts:
        """Keep the routes and URLs of some functions."""
        kept = frozenset(functions)
        return HttpParts(
            self.apis,
            tuple(route for route in self.routes if route.function in kept),
            tuple(url for url in self.urls if url.function in kept),
        )

    def authorizing(self) -> frozenset[str]:
        """Return the functions that authorise a request of these routes."""
        used = [self.apis[route.api].authorizers[route.authorizer] for route in self.routes if route.authorizer]
        return frozenset(each.function for each in used if isinstance(each, LambdaAuthorizer))
