"""`AWS::Serverless::Api`: stage, authorizers, gateway responses, CORS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.model import function_name
from emulator.template.rest_model import Api, Authorizer, Cors, GatewayResponse

Properties = Mapping[str, Any]
READ = {"Auth", "BinaryMediaTypes", "Cors", "GatewayResponses", "StageName"}
HARMLESS = {
    "AccessLogSetting", "AlwaysDeploy", "CacheClusterEnabled", "CanarySetting", "Description", "Domain", "EndpointConfiguration",
    "MethodSettings", "MinimumCompressionSize", "Name", "OpenApiVersion", "PropagateTags", "Tags", "TracingEnabled",
}  # fmt: skip


def read_api(logical_id: str, given: Properties) -> Api:
    """Turn resolved properties into an API.

    Raises:
        TemplateError: an authorizer is not a Lambda authorizer, or the default one is not declared.
    """
    auth = given.get("Auth") or {}
    authorizers = {name: _authorizer(logical_id, name, each) for name, each in (auth.get("Authorizers") or {}).items()}
    default = auth.get("DefaultAuthorizer")
    if default is not None and default not in authorizers:
        raise TemplateError(f"{logical_id}: the default authorizer {default} is not among its Authorizers")
    return Api(
        name=logical_id,
        stage=str(given.get("StageName", "live")),
        authorizers=authorizers,
        default_authorizer=default,
        authorize_preflight=bool(auth.get("AddDefaultAuthorizerToCorsPreflight", True)),
        gateway_responses={name: _response(each) for name, each in (given.get("GatewayResponses") or {}).items()},
        binary_types=tuple(str(each).replace("~1", "/") for each in given.get("BinaryMediaTypes") or []),
        cors=_cors(given.get("Cors")),
    )


def warnings(logical_id: str, given: Properties) -> list[str]:
    auth = set(given.get("Auth") or {}) - {
        "AddDefaultAuthorizerToCorsPreflight", "AddApiKeyRequiredToCorsPreflight", "Authorizers", "DefaultAuthorizer",
    }  # fmt: skip
    unknown = sorted(set(given) - READ - HARMLESS) + sorted(f"Auth.{name}" for name in auth)
    return [f"{logical_id}: {name} is not emulated" for name in unknown]


def _authorizer(api: str, name: str, given: Properties) -> Authorizer:
    if "FunctionArn" not in given:
        raise TemplateError(f"{api}: authorizer {name} has no FunctionArn; only Lambda authorizers are supported")
    kind = given.get("FunctionPayloadType", "TOKEN")
    if kind not in ("TOKEN", "REQUEST"):
        raise TemplateError(f"{api}: authorizer {name} has the payload type {kind}, known are TOKEN and REQUEST")
    identity = given.get("Identity") or {}
    headers = [identity.get("Header", "Authorization")] if kind == "TOKEN" else identity.get("Headers") or []
    return Authorizer(
        name=name,
        function=function_name(str(given["FunctionArn"])),
        kind=kind,
        headers=tuple(map(str, headers)),
        query=tuple(map(str, identity.get("QueryStrings") or ())),
        validation=identity.get("ValidationExpression"),
        ttl_s=int(identity.get("ReauthorizeEvery", 0)),
    )


def _response(given: Properties) -> GatewayResponse:
    status = given.get("StatusCode")
    headers = (given.get("ResponseParameters") or {}).get("Headers") or {}
    return GatewayResponse(
        status=None if status is None else int(status),
        headers={str(name): _unquoted(value) for name, value in headers.items()},
        templates={str(kind): str(text) for kind, text in (given.get("ResponseTemplates") or {}).items()},
    )


def _cors(given: str | Properties | None) -> Cors | None:
    if not given:
        return None
    if isinstance(given, str):
        return Cors(origin=_unquoted(given))
    return Cors(
        origin=_unquoted(given.get("AllowOrigin", "'*'")),
        methods=_unquoted(given.get("AllowMethods", "'OPTIONS'")),
        headers=_unquoted(given["AllowHeaders"]) if "AllowHeaders" in given else None,
        max_age=_unquoted(given["MaxAge"]) if "MaxAge" in given else None,
        credentials=bool(given.get("AllowCredentials", False)),
    )


def _unquoted(value: Any) -> str:
    return str(value).strip().removeprefix("'").removesuffix("'")
