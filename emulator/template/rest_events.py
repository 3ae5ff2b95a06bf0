"""`Api` events: the routes of a REST API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.events import Event, Events
from emulator.template.rest_model import IAM, Api, ApiRoute, RequestRules

IMPLICIT = "ServerlessRestApi"
_KNOWN = {"Auth", "Method", "Path", "RequestModel", "RequestParameters", "RestApiId", "Stage", "TimeoutInMillis"}
_AUTH = {"ApiKeyRequired", "Authorizer", "InvokeRole"}
METHODS = frozenset({"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""All that API Gateway routes by. AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-method-settings-method-request.html"""
_SEGMENT = re.compile(r"[^{}]*|\{[^{}+]+\}")
_LAST_SEGMENT = re.compile(r"[^{}]*|\{[^{}+]+\+?\}")
_PARAMETER = re.compile(r"method\.request\.(querystring|path|header)\.(.+)")


def add(event: Event, events: Events) -> None:
    """Add a route.

    Raises:
        TemplateError: its API, authorizer or model is not declared, its path or method is none of API Gateway's, or
            another event has the same.
    """
    given = event.given
    name = str(given.get("RestApiId", IMPLICIT))
    if name not in events.apis:
        raise TemplateError(f"{event.place}: the API {name} is not declared")
    api, auth = events.apis[name], given.get("Auth") or {}
    method, timeout_ms = str(given["Method"]).upper(), given.get("TimeoutInMillis")
    route = ApiRoute(
        method=_method(event.place, method),
        path=_path(event.place, str(given["Path"])),
        function=event.function.name,
        authorizer=_authorizer(event.place, auth, api),
        api=name,
        api_key=bool(auth.get("ApiKeyRequired", api.api_key)),
        rules=_rules(event.place, given, api),
        timeout_s=None if timeout_ms is None else int(timeout_ms) / 1000,
    )
    _check_new(event, route, events)
    events.routes.append(route)
    events.warn_of_others(event, _KNOWN)
    events.warnings += [f"{event.place}: Auth.{each} is not emulated" for each in sorted(set(auth) - _AUTH)]


def _method(place: str, given: str) -> str:
    method = "ANY" if given == "*" else given
    if method not in METHODS:
        raise TemplateError(f"{place}: the method {given} is none of {', '.join(sorted(METHODS))}")
    return method


def _path(place: str, given: str) -> str:
    """Return the path as it is.

    Raises:
        TemplateError: API Gateway has no such resource: a variable is a whole segment, a greedy one the last.
    """
    if not given.startswith("/"):
        raise TemplateError(f"{place}: the path {given} does not begin with a slash")
    *segments, last = given.split("/")
    if not all(map(_SEGMENT.fullmatch, segments)) or not _LAST_SEGMENT.fullmatch(last):
        raise TemplateError(
            f"{place}: the path {given} has a variable that is no whole segment, or a greedy one inside"
        )
    return given


def _check_new(event: Event, route: ApiRoute, events: Events) -> None:
    known = ((each.api, each.method, each.path) for each in events.routes)
    if (route.api, route.method, route.path) in known:
        raise TemplateError(f"{event.place}: {route.method} {route.path} is declared more than once")


def _authorizer(place: str, auth: Mapping[str, Any], api: Api) -> str | None:
    name = auth.get("Authorizer", api.default_authorizer)
    if name in (None, "NONE"):
        return None
    if name != IAM and name not in api.authorizers:
        raise TemplateError(f"{place}: the authorizer {name} is not among those of {api.name}")
    return str(name)


def _rules(place: str, given: Mapping[str, Any], api: Api) -> RequestRules | None:
    """Return what is validated; without a `RequestModel` SAM gives the method no validator, so nothing is."""
    declared = given.get("RequestModel") or {}
    needed = tuple(sorted(_needed(place, given.get("RequestParameters") or [])))
    if not declared.get("Model"):
        return None
    model = {name.lower(): name for name in api.models}.get(str(declared["Model"]).lower())
    if model is None:
        raise TemplateError(f"{place}: the model {declared['Model']} is not among the Models of {api.name}")
    body, parameters = declared.get("ValidateBody") is True, declared.get("ValidateParameters") is True
    if not body and not parameters:
        return None
    return RequestRules(model, body, needed if parameters else ())


def _needed(place: str, declared: list[Any]) -> list[str]:
    """Return the names of the parameters that a request must have."""
    found = []
    for each in declared:
        name, rules = (each, {}) if isinstance(each, str) else next(iter(each.items()))
        if _PARAMETER.fullmatch(name) is None:
            raise TemplateError(f"{place}: {name} is no method.request.querystring, path or header parameter")
        if rules.get("Required"):
            found.append(name)
    return found
