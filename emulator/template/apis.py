"""`AWS::Serverless::Api`: stage, authorizers, gateway responses, CORS, models, throttles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from emulator.template.errors import TemplateError
from emulator.template.model import function_name
from emulator.template.rest_model import IAM, Api, Authorizer, Cors, GatewayResponse, MethodThrottle, Throttle

Properties = Mapping[str, Any]
READ = {
    "ApiKeySourceType", "Auth", "BinaryMediaTypes", "Cors", "GatewayResponses", "MethodSettings", "Models", "StageName",
    "Variables",
}  # fmt: skip
HARMLESS = {
    "AccessLogSetting", "AlwaysDeploy", "Description", "DisableExecuteApiEndpoint", "Domain", "EndpointAccessMode",
    "EndpointConfiguration", "FailOnWarnings", "MinimumCompressionSize", "Mode", "Name", "OpenApiVersion", "PropagateTags",
    "SecurityPolicy", "Tags", "TracingEnabled",
}  # fmt: skip
_AUTH = {
    "AddApiKeyRequiredToCorsPreflight", "AddDefaultAuthorizerToCorsPreflight", "ApiKeyRequired", "Authorizers",
    "DefaultAuthorizer", "InvokeRole", "UsagePlan",
}  # fmt: skip
_SETTINGS = {
    "DataTraceEnabled", "HttpMethod", "LoggingLevel", "MetricsEnabled", "ResourcePath", "ThrottlingBurstLimit",
    "ThrottlingRateLimit",
}  # fmt: skip
_LONGEST_TTL_S = 3600
ACCOUNT_THROTTLE = Throttle(rate=10_000, burst=5_000)
"""What AWS allows an account, and so what the half of a throttle that is not given falls back to."""


def read_api(logical_id: str, given: Properties) -> Api:
    """Turn resolved properties into an API.

    Raises:
        TemplateError: it is an OpenAPI document, an authorizer is not a Lambda authorizer, or the default one is
            not declared.
    """
    _check(logical_id, given)
    auth = given.get("Auth") or {}
    return Api(
        name=logical_id,
        stage=str(given.get("StageName", "Prod")),
        authorizers={
            name: _authorizer(logical_id, name, each) for name, each in (auth.get("Authorizers") or {}).items()
        },
        default_authorizer=auth.get("DefaultAuthorizer"),
        authorize_preflight=bool(auth.get("AddDefaultAuthorizerToCorsPreflight", True)),
        gateway_responses={name: _response(each) for name, each in (given.get("GatewayResponses") or {}).items()},
        binary_types=tuple(str(each).replace("~1", "/").lower() for each in given.get("BinaryMediaTypes") or []),
        cors=_cors(logical_id, given.get("Cors")),
        variables={str(name): str(value) for name, value in (given.get("Variables") or {}).items()},
        models=dict(given.get("Models") or {}),
        api_key=bool(auth.get("ApiKeyRequired", False)),
        key_of_preflight=bool(auth.get("AddApiKeyRequiredToCorsPreflight", True)),
        key_source="AUTHORIZER" if given.get("ApiKeySourceType") == "AUTHORIZER" else "HEADER",
        throttles=method_throttles(given.get("MethodSettings") or []),
        plan=auth.get("UsagePlan") or {},
    )


def warnings(logical_id: str, given: Properties) -> list[str]:
    """Name each property that is read by nobody here."""
    unknown = sorted(set(given) - READ - HARMLESS)
    unknown += sorted(f"Auth.{name}" for name in set(given.get("Auth") or {}) - _AUTH)
    settings = {name for each in given.get("MethodSettings") or [] for name in each}
    unknown += sorted(f"MethodSettings.{name}" for name in settings - _SETTINGS)
    return [f"{logical_id}: {name} is not emulated" for name in unknown]


def method_throttles(settings: list[Properties]) -> tuple[MethodThrottle, ...]:
    """Return the throttles among a stage's `MethodSettings`, whose paths write `/` as `~1`."""
    found = []
    for each in settings:
        path = str(each.get("ResourcePath", "/*")).replace("~1", "/")
        path = "*" if path in ("/*", "*") else "/" + path.strip("/")
        limits = throttle(each.get("ThrottlingRateLimit"), each.get("ThrottlingBurstLimit"))
        if limits is not None:
            found.append(MethodThrottle(path, str(each.get("HttpMethod", "*")).upper(), limits))
    return tuple(found)


def throttle(rate: Any, burst: Any) -> Throttle | None:
    """Return the limits, None where neither is set."""
    if rate is None and burst is None:
        return None
    return Throttle(
        rate=ACCOUNT_THROTTLE.rate if rate is None else float(rate),
        burst=ACCOUNT_THROTTLE.burst if burst is None else int(burst),
    )


def _check(api: str, given: Properties) -> None:
    for name in ("DefinitionBody", "DefinitionUri", "MergeDefinitions"):
        if given.get(name):
            raise TemplateError(f"{api}: OpenAPI documents ({name}) are not emulated; declare routes as Api events")
    auth = given.get("Auth") or {}
    default = auth.get("DefaultAuthorizer")
    if default not in (None, IAM) and default not in (auth.get("Authorizers") or {}):
        raise TemplateError(f"{api}: the default authorizer {default} is not among its Authorizers")


def _authorizer(api: str, name: str, given: Properties) -> Authorizer:
    place = f"{api}: authorizer {name}"
    if "UserPoolArn" in given:
        raise TemplateError(f"{place} is a Cognito user pool, which is not emulated; use a Lambda authorizer")
    if "FunctionArn" not in given:
        raise TemplateError(f"{place} has no FunctionArn; only Lambda authorizers are supported")
    kind: Any = given.get("FunctionPayloadType") or "TOKEN"
    if kind not in ("TOKEN", "REQUEST"):
        raise TemplateError(f"{place} has the payload type {kind}, known are TOKEN and REQUEST")
    identity = given.get("Identity") or {}
    names = {key: tuple(map(str, identity.get(key) or ())) for key in _SOURCES}
    found = Authorizer(
        name=name,
        function=function_name(str(given["FunctionArn"])),
        kind=kind,
        headers=(str(identity.get("Header") or "Authorization"),) if kind == "TOKEN" else names["Headers"],
        query=names["QueryStrings"],
        stage_variables=names["StageVariables"],
        context=names["Context"],
        validation=identity.get("ValidationExpression") if kind == "TOKEN" else None,
        ttl_s=_ttl(place, identity.get("ReauthorizeEvery")),
    )
    if kind == "REQUEST" and found.ttl_s and not any(names.values()):
        raise TemplateError(f"{place} needs an Identity with at least one of {', '.join(_SOURCES)}")
    return found


_SOURCES = ("Headers", "QueryStrings", "StageVariables", "Context")


def _ttl(place: str, given: Any) -> int:
    """Return for how long an authorizer's answer is kept: 300 s unless the template says otherwise, as on AWS."""
    seconds = 300 if given is None else int(given)
    if not 0 <= seconds <= _LONGEST_TTL_S:
        raise TemplateError(f"{place} has ReauthorizeEvery {seconds}, allowed are 0 to {_LONGEST_TTL_S} seconds")
    return seconds


def _response(given: Properties) -> GatewayResponse:
    status = given.get("StatusCode")
    headers = (given.get("ResponseParameters") or {}).get("Headers") or {}
    return GatewayResponse(
        status=None if status is None else int(status),
        headers={str(name): str(value) for name, value in headers.items()},
        templates={str(kind): str(text) for kind, text in (given.get("ResponseTemplates") or {}).items()},
    )


def _cors(api: str, given: str | Properties | None) -> Cors | None:
    if not given:
        return None
    if isinstance(given, str):
        return Cors(origin=_unquoted(given))
    optional = {name: None if given.get(name) is None else _unquoted(given[name]) for name in _CORS}
    found = Cors(
        origin=_unquoted(given.get("AllowOrigin", "'*'")),
        methods=optional["AllowMethods"],
        headers=optional["AllowHeaders"],
        max_age=optional["MaxAge"],
        credentials=cast(Any, given.get("AllowCredentials")) is True,
    )
    if found.credentials and found.origin == "*":
        raise TemplateError(f"{api}: Cors with AllowCredentials needs an AllowOrigin other than '*'")
    return found


_CORS = ("AllowMethods", "AllowHeaders", "MaxAge")


def _unquoted(value: Any) -> str:
    return str(value).strip().removeprefix("'").removesuffix("'")
