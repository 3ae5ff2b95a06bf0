"""`HttpApi` events: the routes of an HTTP API.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-httpapi.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.events import Event, Events
from emulator.template.http_apis import throttle
from emulator.template.http_auth import IAM, strings
from emulator.template.http_model import DEFAULT, IMPLICIT, HttpApi, HttpRoute, JwtAuthorizer
from emulator.template.rest_events import METHODS

READ = {"ApiId", "Auth", "Method", "Path", "PayloadFormatVersion", "RouteSettings", "TimeoutInMillis"}
_AUTH = {"AuthorizationScopes", "Authorizer", "InvokeRole"}
_ANY = ("*", "X-AMAZON-APIGATEWAY-ANY-METHOD")
_TIMEOUT_MS = (50, 30_000)


def add(event: Event, events: Events) -> None:
    """Add a route; without path and method it is the one that catches all.

    Raises:
        TemplateError: its API or authorizer is not declared, or a property is one that AWS refuses.
    """
    events.warn_of_others(event, READ)
    auth = event.given.get("Auth") or {}
    events.warnings += [f"{event.place}: Auth.{name} is not emulated" for name in sorted(set(auth) - _AUTH)]
    name = str(event.given.get("ApiId", IMPLICIT))
    if name not in events.http_apis:
        raise TemplateError(f"{event.place}: the HTTP API {name} is not declared")
    events.http_routes.append(_route(event, events.http_apis[name], auth))


def _route(event: Event, api: HttpApi, auth: Mapping[str, Any]) -> HttpRoute:
    method, path = _target(event)
    authorizer, scopes = _authorizer(event.place, api, auth)
    version = str(event.given.get("PayloadFormatVersion", "2.0"))
    if version not in ("1.0", "2.0"):
        raise TemplateError(f"{event.place}: PayloadFormatVersion is 1.0 or 2.0, not {version}")
    key = DEFAULT if path == DEFAULT else f"{method} {path}"
    own = throttle(event.given.get("RouteSettings") or {})
    return HttpRoute(
        method=method,
        path=path,
        function=event.function.name,
        api=api.name,
        authorizer=authorizer,
        scopes=scopes,
        version="1.0" if version == "1.0" else "2.0",
        timeout_s=_timeout_ms(event) / 1000,
        throttle=own or api.throttles.get(key) or api.throttle,
    )


def _target(event: Event) -> tuple[str, str]:
    method, path = event.given.get("Method"), event.given.get("Path")
    if (not path and not method) or path == DEFAULT:
        return "ANY", DEFAULT
    if not path or not method:
        raise TemplateError(f"{event.place} has no {'Method' if path else 'Path'}")
    method, path = str(method).upper(), str(path)
    if not path.startswith("/"):
        raise TemplateError(f"{event.place}: the path {path} does not begin with a slash")
    if "+}" in path and (path.count("+}") > 1 or not path.endswith("+}")):
        raise TemplateError(f"{event.place}: a greedy variable must be at the end of the path {path}")
    if method not in METHODS and method not in _ANY:
        raise TemplateError(f"{event.place}: the method {method} is none of {', '.join(sorted(METHODS))}")
    return "ANY" if method in _ANY else method, path


def _authorizer(place: str, api: HttpApi, auth: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...]]:
    name = auth.get("Authorizer", api.default_authorizer)
    scopes = strings(auth.get("AuthorizationScopes"))
    if name is None or name == "NONE":
        return None, ()
    if name == IAM and IAM not in api.authorizers:
        raise TemplateError(f"{place} asks for AWS_IAM, but {api.name} does not set EnableIamAuthorizer")
    if name not in api.authorizers:
        raise TemplateError(f"{place}: the authorizer {name} is not among those of {api.name}")
    authorizer = api.authorizers[name]
    if isinstance(authorizer, JwtAuthorizer):
        return str(name), scopes or authorizer.scopes
    if scopes:
        raise TemplateError(f"{place}: only a JWT authorizer takes AuthorizationScopes")
    return str(name), ()


def _timeout_ms(event: Event) -> int:
    given = int(event.given.get("TimeoutInMillis", _TIMEOUT_MS[1]))
    if not _TIMEOUT_MS[0] <= given <= _TIMEOUT_MS[1]:
        raise TemplateError(f"{event.place}: TimeoutInMillis is from 50 to 30000, not {given}")
    return given
