"""What API Gateway does between client and function for a REST API: pick the route, build the event."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from emulator.template import Api, ApiRoute
from emulator.template.model import ACCOUNT
from emulator.web.messages import Request


@dataclass(frozen=True, slots=True)
class Match:
    route: ApiRoute
    path_parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """What the gateway knows about a request besides its bytes. `time` is in seconds since 1970."""

    request_id: str
    time: float
    authorizer: Mapping[str, str] | None = None


class Routes:
    """Routes in an order that makes the first fit the right one; literal paths are looked up at once."""

    def __init__(self, routes: Iterable[ApiRoute]) -> None:
        self._literal: dict[tuple[str, str], ApiRoute] = {}
        patterns: list[ApiRoute] = []
        for route in routes:
            if "{" in route.path:
                patterns.append(route)
            else:
                self._literal[route.method, _trimmed(route.path)] = route
        patterns.sort(key=_rank)
        self._patterns = [(route, tuple(_segments(route.path))) for route in patterns]

    def match(self, method: str, path: str) -> Match | None:
        """Pick the route as API Gateway does.

        Literal segments beat `{name}`, which beats `{name+}`; a method beats ANY. A resource that fits
        but lacks the method does not hide a later one that has it.
        """
        given = _trimmed(path)
        for wanted in (method, "ANY"):
            if (route := self._literal.get((wanted, given))) is not None:
                return Match(route, {})
        segments = given.split("/")
        for route, pattern in self._patterns:
            if route.method in (method, "ANY") and (found := _fit(pattern, segments)) is not None:
                return Match(route, found)
        return None


def match(routes: Iterable[ApiRoute], request: Request) -> Match | None:
    """Pick one of a few routes; see `Routes.match`."""
    return Routes(routes).match(request.method, request.path)


def proxy_event(request: Request, found: Match, *, call: Call, api: Api | None = None) -> dict[str, Any]:
    """Build the event of a Lambda proxy integration. Absent maps are null, as on AWS, never empty."""
    api = api or Api()
    headers = _multi(request.headers)
    query = _multi(parse_qsl(request.query, keep_blank_values=True)) if request.query else None
    body, encoded = _body(request, api)
    path = unquote(request.path)
    return {
        "resource": found.route.path,
        "path": path,
        "httpMethod": request.method,
        "headers": _last(headers),
        "multiValueHeaders": headers or None,
        "queryStringParameters": _last(query),
        "multiValueQueryStringParameters": query,
        "pathParameters": dict(found.path_parameters) or None,
        "stageVariables": None,
        "requestContext": _context(request, found.route, path, call=call, api=api),
        "body": body,
        "isBase64Encoded": encoded,
    }


def is_binary(content_type: str | None, binary_types: Iterable[str]) -> bool:
    """Tell whether a media type is one of the API's binary types, `*/*` and `image/*` included."""
    if not content_type:
        return False
    given = content_type.split(";")[0].strip().lower()
    family = given.split("/")[0] + "/*"
    return any(wanted in ("*/*", given, family) for wanted in binary_types)


def _context(request: Request, route: ApiRoute, path: str, *, call: Call, api: Api) -> dict[str, Any]:
    domain = (request.header("host") or "localhost").rsplit(":", 1)[0]
    return {
        "accountId": ACCOUNT,
        "apiId": api.name,
        "deploymentId": "local",
        "domainName": domain,
        "domainPrefix": domain.split(".")[0],
        "extendedRequestId": call.request_id,
        "httpMethod": request.method,
        "identity": identity(request),
        "path": path,
        "protocol": request.protocol,
        "requestId": call.request_id,
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(call.time)),
        "requestTimeEpoch": int(call.time * 1000),
        "resourceId": route.path,
        "resourcePath": route.path,
        "stage": api.stage,
        **({} if call.authorizer is None else {"authorizer": dict(call.authorizer)}),
    }


def identity(request: Request) -> dict[str, Any]:
    """Return `requestContext.identity`: who calls, as far as the connection tells."""
    return {
        "accessKey": None,
        "accountId": None,
        "caller": None,
        "cognitoAuthenticationProvider": None,
        "cognitoAuthenticationType": None,
        "cognitoIdentityId": None,
        "cognitoIdentityPoolId": None,
        "principalOrgId": None,
        "sourceIp": request.source_ip,
        "user": None,
        "userAgent": request.header("user-agent"),
        "userArn": None,
    }


def _body(request: Request, api: Api) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    if api.binary_types and is_binary(request.header("content-type"), api.binary_types):
        return base64.b64encode(request.body).decode(), True
    return request.body.decode("utf-8", "replace"), False


def _multi(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _last(values: Mapping[str, list[str]] | None) -> dict[str, str] | None:
    return {name: each[-1] for name, each in values.items()} if values else None


def _trimmed(path: str) -> str:
    return path.strip("/")


def _segments(path: str) -> list[str]:
    return _trimmed(path).split("/")


def _rank(route: ApiRoute) -> tuple[list[int], bool]:
    """Sort key of a pattern: per segment literal, then `{name}`, then `{name+}`; ANY after a method."""
    kinds = [2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in _segments(route.path)]
    return kinds, route.method == "ANY"


def _fit(pattern: tuple[str, ...], given: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for index, want in enumerate(pattern):
        if want.endswith("+}"):
            rest = "/".join(given[index:])
            return parameters | {want[1:-2]: unquote(rest)} if rest else None
        if index >= len(given):
            return None
        if want.startswith("{"):
            if not given[index]:
                return None
            parameters[want[1:-1]] = unquote(given[index])
        elif want != given[index]:
            return None
    return parameters if len(pattern) == len(given) else None
