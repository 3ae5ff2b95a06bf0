"""`AWS::Serverless::WebSocketApi`: a WebSocket API in one resource.

AWS: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-websocketapi.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.websocket_model import WebSocketApi, WebSocketAuthorizer, WebSocketRoute, WebSocketStage
from emulator.template.websocket_targets import called, text_map, timeout_s

Properties = Mapping[str, Any]
KIND = "AWS::Serverless::WebSocketApi"
_SPECIAL = frozenset({"$connect", "$disconnect", "$default"})
_KNOWN = {
    "AccessLogSettings", "ApiKeySelectionExpression", "Auth", "DefaultRouteSettings", "Description", "DisableExecuteApiEndpoint",
    "DisableSchemaValidation", "Domain", "IpAddressType", "Name", "PropagateTags", "Routes", "RouteSelectionExpression",
    "RouteSettings", "StageName", "StageVariables", "Tags",
}  # fmt: skip
_KNOWN_OF_ROUTES = {"FunctionArn", "IntegrationTimeout", "OperationName", "RouteResponseSelectionExpression"}
_THROTTLES = ("ThrottlingBurstLimit", "ThrottlingRateLimit")


def api(name: str, given: Properties) -> WebSocketApi:
    """Turn resolved properties into an API.

    Raises:
        TemplateError: a property is missing, or refused by SAM.
    """
    for needed in ("Routes", "RouteSelectionExpression"):
        if not given.get(needed):
            raise TemplateError(f"{name} has no {needed}")
    stage = str(given.get("StageName") or "default")
    if stage == "$default":
        raise TemplateError(f"{name}: the stage of a WebSocket API cannot be named $default")
    auth = given.get("Auth") or {}
    kind = _auth_kind(name, auth, given["Routes"])
    return WebSocketApi(
        name=name,
        selection=str(given["RouteSelectionExpression"]),
        routes={str(key): _route(name, str(key), each) for key, each in given["Routes"].items()},
        stages=(WebSocketStage(stage, text_map(given.get("StageVariables"))),),
        authorizer=_authorizer(name, auth) if kind == "CUSTOM" else None,
        signed=kind == "AWS_IAM",
    )


def _auth_kind(name: str, auth: Properties, routes: Properties) -> str:
    if not auth:
        return "NONE"
    if "$connect" not in routes:
        raise TemplateError(f"{name}: authorization needs a route $connect")
    kind = str(auth.get("AuthType", "")).upper()
    if kind not in ("NONE", "AWS_IAM", "CUSTOM"):
        raise TemplateError(f"{name}: AuthType is not one of AWS_IAM, CUSTOM or NONE")
    if kind == "CUSTOM" and not auth.get("AuthArn"):
        raise TemplateError(f"{name}: AuthArn must be given where AuthType is CUSTOM")
    if kind != "CUSTOM" and len(auth) > 1:
        raise TemplateError(f"{name}: AuthType {kind} takes no other properties")
    return kind


def _authorizer(name: str, auth: Properties) -> WebSocketAuthorizer:
    own = str(auth.get("Name") or f"{name}ConnectAuthorizer")
    return WebSocketAuthorizer(own, called(name, auth["AuthArn"]), tuple(map(str, auth.get("IdentitySource") or ())))


def _route(name: str, key: str, given: Properties) -> WebSocketRoute:
    if key not in _SPECIAL and not key.isalnum():
        raise TemplateError(f"{name}: the route key {key} must be alphanumeric")
    two_way = bool(given.get("RouteResponseSelectionExpression"))
    place = f"{name}.{key}"
    return WebSocketRoute(
        key, called(place, given.get("FunctionArn")), two_way, timeout_s(place, given, "IntegrationTimeout")
    )


def warnings(declared: Mapping[str, Properties]) -> list[str]:
    """Name what is declared and left out."""
    found = []
    for name, given in declared.items():
        found += [f"{name}: {each} is not emulated" for each in sorted(set(given) - _KNOWN)]
        for key, route in given["Routes"].items():
            found += [f"{name}.{key}: {each} is not emulated" for each in sorted(set(route) - _KNOWN_OF_ROUTES)]
        found += throttled(name, given)
    return found


def throttled(name: str, given: Properties) -> list[str]:
    """Warn of the limits of a stage, which nobody keeps here."""
    settings = [given.get("DefaultRouteSettings") or {}, *(given.get("RouteSettings") or {}).values()]
    declared = sorted({limit for each in settings for limit in _THROTTLES if limit in each})
    return [f"{name}: {limit} is not emulated" for limit in declared]
