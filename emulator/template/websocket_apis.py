"""WebSocket APIs as `AWS::ApiGatewayV2::*` declares them, resource by resource.

AWS: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from emulator.template import websocket_serverless as serverless
from emulator.template.errors import TemplateError
from emulator.template.websocket_model import (
    SELECTION,
    WebSocketApi,
    WebSocketAuthorizer,
    WebSocketRoute,
    WebSocketStage,
)
from emulator.template.websocket_targets import called, text_map, timeout_s

Properties = Mapping[str, Any]
Resources = Mapping[str, Properties]
"""Resources of one type by their logical id, properties resolved."""

API, ROUTE, INTEGRATION, STAGE, AUTHORIZER, ANSWER, DEPLOYMENT = (
    f"AWS::ApiGatewayV2::{kind}"
    for kind in ("Api", "Route", "Integration", "Stage", "Authorizer", "RouteResponse", "Deployment")
)
KINDS = frozenset({API, ROUTE, INTEGRATION, STAGE, AUTHORIZER, ANSWER, DEPLOYMENT, serverless.KIND})
_READ = {
    API: {"ApiKeySelectionExpression", "Description", "DisableExecuteApiEndpoint", "DisableSchemaValidation", "FailOnWarnings",
          "IpAddressType", "Name", "ProtocolType", "RouteSelectionExpression", "Tags", "Version"},
    ROUTE: {"ApiId", "AuthorizationType", "AuthorizerId", "OperationName", "RouteKey", "RouteResponseSelectionExpression", "Target"},
    INTEGRATION: {"ApiId", "ConnectionType", "CredentialsArn", "Description", "IntegrationMethod", "IntegrationType",
                  "IntegrationUri", "PassthroughBehavior", "TimeoutInMillis"},
    STAGE: {"AccessLogSettings", "ApiId", "AutoDeploy", "DefaultRouteSettings", "DeploymentId", "Description", "RouteSettings",
            "StageName", "StageVariables", "Tags"},
    AUTHORIZER: {"ApiId", "AuthorizerCredentialsArn", "AuthorizerType", "AuthorizerUri", "IdentitySource", "Name"},
}  # fmt: skip


def read(of: Callable[[str], Iterable[tuple[str, Properties]]]) -> tuple[dict[str, WebSocketApi], list[str]]:
    """Turn resolved resources into APIs, and warnings.

    Args:
        of: Gives the resources of a type.

    Raises:
        TemplateError: a property is missing, of the wrong kind, or names nothing.
    """
    declared = {kind: dict(of(kind)) for kind in KINDS}
    parts = _Parts(declared)
    found: dict[str, WebSocketApi] = {}
    for name, given in declared[API].items():
        if str(given.get("ProtocolType", "")).upper() == "WEBSOCKET":
            found[name] = _guard(name, given, parts.api)
    for name, given in declared[serverless.KIND].items():
        found[name] = _guard(name, given, serverless.api)
    return found, [*_warnings(declared), *serverless.warnings(declared[serverless.KIND])]


def _guard(name: str, given: Properties, make: Callable[[str, Properties], WebSocketApi]) -> WebSocketApi:
    try:
        return make(name, given)
    except (TypeError, ValueError, AttributeError) as wrong:
        raise TemplateError(f"{name} has a property of the wrong kind: {wrong}") from wrong


class _Parts:
    """The resources of all APIs, to be found by the API that they name."""

    def __init__(self, declared: Mapping[str, Resources]) -> None:
        self._declared = declared
        self._answered = {str(given.get("RouteId")) for given in declared[ANSWER].values()}

    def api(self, name: str, given: Properties) -> WebSocketApi:
        routes = dict(self._of(ROUTE, name))
        connect = next((each for each in routes.values() if each.get("RouteKey") == "$connect"), {})
        kind = str(connect.get("AuthorizationType", "NONE")).upper()
        return WebSocketApi(
            name=name,
            selection=str(given.get("RouteSelectionExpression") or SELECTION),
            routes={route.key: route for route in (self._route(*each) for each in routes.items())},
            stages=tuple(_stage(logical_id, each) for logical_id, each in self._of(STAGE, name)),
            authorizer=self._authorizer(connect) if kind == "CUSTOM" else None,
            signed=kind == "AWS_IAM",
        )

    def _of(self, kind: str, api: str) -> Iterable[tuple[str, Properties]]:
        return ((name, given) for name, given in self._declared[kind].items() if given.get("ApiId") == api)

    def _route(self, logical_id: str, given: Properties) -> WebSocketRoute:
        if "RouteKey" not in given:
            raise TemplateError(f"{logical_id} has no RouteKey")
        key, target = str(given["RouteKey"]), given.get("Target")
        if given.get("AuthorizationType", "NONE") != "NONE" and key != "$connect":
            raise TemplateError(f"{logical_id}: only the route $connect of a WebSocket API may have an authorizer")
        two_way = logical_id in self._answered
        if target is None:
            return WebSocketRoute(key, two_way=two_way)
        name = str(target).removeprefix("integrations/")
        integration = self._declared[INTEGRATION].get(name)
        if integration is None:
            raise TemplateError(f"{logical_id}: its Target {target} is no AWS::ApiGatewayV2::Integration")
        return WebSocketRoute(key, _function(name, integration), two_way, timeout_s(name, integration))

    def _authorizer(self, connect: Properties) -> WebSocketAuthorizer:
        name = str(connect.get("AuthorizerId"))
        given = self._declared[AUTHORIZER].get(name)
        if given is None:
            raise TemplateError(f"the route $connect names the authorizer {name}, which is not declared")
        if given.get("AuthorizerType") != "REQUEST":
            raise TemplateError(f"{name}: a WebSocket API takes authorizers of the type REQUEST only")
        sources = given.get("IdentitySource") or []
        return WebSocketAuthorizer(name, called(name, given.get("AuthorizerUri")), tuple(map(str, sources)))


def _function(name: str, given: Properties) -> str | None:
    kind = given.get("IntegrationType")
    if kind == "MOCK":
        return None
    if kind != "AWS_PROXY":
        raise TemplateError(f"{name}: integrations of type {kind} are not supported by the emulator")
    return called(name, given.get("IntegrationUri"))


def _stage(logical_id: str, given: Properties) -> WebSocketStage:
    if "StageName" not in given:
        raise TemplateError(f"{logical_id} has no StageName")
    return WebSocketStage(str(given["StageName"]), text_map(given.get("StageVariables")))


def _warnings(declared: Mapping[str, Resources]) -> list[str]:
    """Name what is declared and left out: whole HTTP APIs, stages that are missing, properties."""
    found = []
    for name, given in declared[API].items():
        if str(given.get("ProtocolType", "")).upper() != "WEBSOCKET":
            found.append(f"{name}: {API} with the protocol {given.get('ProtocolType')} is not emulated")
        elif not any(stage.get("ApiId") == name for stage in declared[STAGE].values()):
            found.append(f"{name} has no {STAGE}, so nobody can connect to it")
    for kind, known in _READ.items():
        for name, given in declared[kind].items():
            found += [f"{name}: {each} is not emulated" for each in sorted(set(given) - known)]
    for name, given in declared[STAGE].items():
        found += serverless.throttled(name, given)
    return found
