"""What a template says about its WebSocket APIs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

SELECTION = "$request.body.action"


@dataclass(frozen=True, slots=True)
class WebSocketRoute:
    """A route and its Lambda function; a mock integration has none. `two_way`: the answer goes back to the client."""

    key: str
    function: str | None = None
    two_way: bool = False
    timeout_s: float = 29.0


@dataclass(frozen=True, slots=True)
class WebSocketAuthorizer:
    """A REQUEST authorizer of `$connect`. `sources` are such as `route.request.header.Authorization`."""

    name: str
    function: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WebSocketStage:
    name: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WebSocketApi:
    """`signed`: the request for the connection is signed for IAM."""

    name: str
    selection: str = SELECTION
    routes: Mapping[str, WebSocketRoute] = field(default_factory=dict)
    stages: tuple[WebSocketStage, ...] = ()
    authorizer: WebSocketAuthorizer | None = None
    signed: bool = False

    def only(self, functions: Collection[str]) -> WebSocketApi:
        """Keep the routes of these functions, and those without one."""
        kept = {key: route for key, route in self.routes.items() if route.function in {None, *functions}}
        return replace(self, routes=kept)

    @property
    def functions(self) -> frozenset[str]:
        """Return the names of all functions that the API calls."""
        called = {route.function for route in self.routes.values() if route.function is not None}
        return frozenset(called | ({self.authorizer.function} if self.authorizer else set()))


def only(apis: Mapping[str, WebSocketApi], functions: Collection[str]) -> dict[str, WebSocketApi]:
    """Keep the APIs in which these functions serve a route."""
    return {
        name: api.only(functions)
        for name, api in apis.items()
        if any(route.function in functions for route in api.routes.values())
    }


def check(apis: Mapping[str, WebSocketApi], functions: Collection[str]) -> list[str]:
    """Return a sentence for each function that is called and not declared."""
    return [
        f"{name}: {called} is called, which is not declared"
        for name, api in apis.items()
        for called in sorted(api.functions.difference(functions))
    ]
