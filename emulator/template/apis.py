"""`AWS::Serverless::Api`: stage, authorizers, gateway responses, CORS, models, throttles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from emulator.template import rest_authorizers
from emulator.template.errors import TemplateError
from emulator.template.rest_model import IAM, Api, Cors, GatewayResponse, MethodThrottle, Throttle

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
        authorizers=rest_authorizers.read(logical_id, auth.get("Authorizers") or {}),
        default_authorizer=auth.get("DefaultAuthorizer"),
        authorize_preflight=bool(auth.get("AddDefaultAuthorizerToCorsPreflight", True)),
        gateway_responses=_responses(logical_id, given.get("GatewayResponses") or {}),
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


def _responses(api: str, given: Properties) -> dict[str, GatewayResponse]:
    if unknown := sorted(set(given) - _RESPONSE_TYPES):
        raise TemplateError(f"{api}: {unknown[0]} is no type of gateway response")
    return {name: _response(each) for name, each in given.items()}


_RESPONSE_TYPES = {
    "ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE",
    "BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "DEFAULT_4XX", "DEFAULT_5XX", "EXPIRED_TOKEN", "INTEGRATION_FAILURE",
    "INTEGRATION_TIMEOUT", "INVALID_API_KEY", "INVALID_SIGNATURE", "MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED",
    "REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND", "THROTTLED", "UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED",
}  # fmt: skip


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
    if unknown := sorted(set(given) - {"AllowCredentials", "AllowOrigin", *_CORS}):
        raise TemplateError(f"{api}: {unknown[0]} is no property of Cors")
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
