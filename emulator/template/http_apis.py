"""`AWS::Serverless::HttpApi`: stage, authorizers, CORS, throttling.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-httpapi.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.template import http_auth
from emulator.template.errors import TemplateError
from emulator.template.http_model import (
    DEFAULT,
    HttpApi,
    HttpCors,
    HttpParts,
    HttpRoute,
    LambdaAuthorizer,
    Throttle,
)

Properties = Mapping[str, Any]
READ = {"Auth", "CorsConfiguration", "DefaultRouteSettings", "RouteSettings", "StageName", "StageVariables"}
HARMLESS = {
    "AccessLogSettings", "Description", "DisableExecuteApiEndpoint", "Domain", "FailOnWarnings", "Name",
    "PropagateTags", "Tags",
}  # fmt: skip
_CORS = {"AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders", "MaxAge"}
_RATE, _BURST = 10_000.0, 5_000
"""The account's limits, which stand where a setting names only one of both."""


def read_api(name: str, given: Properties) -> HttpApi:
    """Turn resolved properties into an API.

    Raises:
        TemplateError: a property is missing, of the wrong kind, or refused by AWS.
    """
    try:
        return _api(name, given)
    except (AttributeError, TypeError, ValueError) as wrong:
        raise TemplateError(f"{name} has a property of the wrong kind: {wrong}") from wrong


def check(parts: HttpParts, functions: Iterable[str]) -> None:
    """Hold the APIs against the functions there are.

    Raises:
        TemplateError: an authorizer calls a function that is not declared, or two functions serve one route.
    """
    known = frozenset(functions)
    for api in parts.apis.values():
        for each in api.authorizers.values():
            if isinstance(each, LambdaAuthorizer) and each.function not in known:
                raise TemplateError(f"{api.name}: authorizer {each.name} calls {each.function}, which is not declared")
    seen: dict[tuple[str, str], HttpRoute] = {}
    for route in parts.routes:
        other = seen.setdefault((route.api, route.key), route)
        if other is not route:
            raise TemplateError(f"{route.api}: {route.key} is declared twice, by {other.function} and {route.function}")


def _api(name: str, given: Properties) -> HttpApi:
    auth = given.get("Auth") or {}
    settings = given.get("RouteSettings") or {}
    throttles = {str(key): throttle(each) for key, each in settings.items()}
    return HttpApi(
        name=name,
        stage=str(given.get("StageName") or DEFAULT),
        authorizers=http_auth.authorizers(name, auth),
        default_authorizer=auth.get("DefaultAuthorizer"),
        variables={str(key): str(value) for key, value in (given.get("StageVariables") or {}).items()},
        cors=cors(name, given.get("CorsConfiguration")),
        throttle=throttle(given.get("DefaultRouteSettings") or {}),
        throttles={key: each for key, each in throttles.items() if each is not None},
    )


def warnings(name: str, given: Properties) -> list[str]:
    unknown = sorted(set(given) - READ - HARMLESS)
    unknown += unknown_cors("CorsConfiguration", given.get("CorsConfiguration"))
    return [f"{name}: {each} is not emulated" for each in unknown] + http_auth.warnings(name, given.get("Auth") or {})


def cors(place: str, given: bool | Properties | None, *, wildcard_credentials: bool = False) -> HttpCors | None:
    """Read a CORS configuration; `true` allows every origin.

    Raises:
        TemplateError: it allows credentials to every origin, which an HTTP API refuses.
    """
    if given is None or given is False:
        return None
    if given is True:
        return HttpCors(origins=("*",))
    found = HttpCors(
        origins=http_auth.strings(given.get("AllowOrigins")),
        methods=tuple(each.upper() for each in http_auth.strings(given.get("AllowMethods"))),
        headers=http_auth.strings(given.get("AllowHeaders")),
        exposed=http_auth.strings(given.get("ExposeHeaders")),
        max_age_s=int(given["MaxAge"]) if given.get("MaxAge") is not None else None,
        credentials=given.get("AllowCredentials") is True,
    )
    if found.credentials and "*" in found.origins and not wildcard_credentials:
        raise TemplateError(f"{place}: AllowCredentials cannot be true when AllowOrigins holds '*'")
    return found


def unknown_cors(place: str, given: bool | Properties | None) -> list[str]:
    return [f"{place}.{name}" for name in sorted(set(given) - _CORS)] if isinstance(given, Mapping) else []


def throttle(settings: Properties) -> Throttle | None:
    """Read the two throttling properties of route settings."""
    rate, burst = settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit")
    if rate is None and burst is None:
        return None
    return Throttle(_RATE if rate is None else float(rate), _BURST if burst is None else int(burst))
