"""Sample events of APIs: a small template is served, and what reaches its function is caught."""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from emulator.clock import ManualClock
from emulator.http_api.front import HttpFront
from emulator.http_api.gateways import HttpGateways
from emulator.options import Options
from emulator.rest.front import Front
from emulator.runtime import Result
from emulator.template import Template, load
from emulator.template.websocket_model import WebSocketStage
from emulator.web.messages import Request
from emulator.websocket import events
from emulator.websocket.connection import Connection

_ALLOWED = {
    "principalId": "local",
    "policyDocument": {
        "Version": "2012-10-17",
        "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": "*"}],
    },
}
_FUNCTIONS = """
  Function: { Type: AWS::Serverless::Function, Properties: { Handler: a.a, Runtime: python3.13, CodeUri: .,
    FunctionName: function, Events: { Call: { Type: %(kind)s, Properties: { %(api)s: !Ref Api, Path: %(path)s,
    Method: %(method)s%(auth)s } } } } }
  Guard: { Type: AWS::Serverless::Function, Properties: { Handler: a.a, Runtime: python3.13, CodeUri: .,
    FunctionName: guard } }
"""
_REST = """
  Api: { Type: AWS::Serverless::Api, Properties: { StageName: live, Auth: { Authorizers: { Guard: {
    FunctionArn: !GetAtt Guard.Arn, FunctionPayloadType: %(payload)s, Identity: { %(identity)s, ReauthorizeEvery: 0 } } } } } }
"""
_IDENTITY = {"TOKEN": "Header: Authorization", "REQUEST": "Headers: [Authorization]"}
_HTTP = """
  Api: { Type: AWS::Serverless::HttpApi, Properties: { StageName: $default } }
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request. `path` may have a query; `resource` is the route, by default the path itself."""

    method: str = "GET"
    path: str = "/"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    resource: str | None = None

    @property
    def request(self) -> Request:
        split = urlsplit(self.path)
        headers = [("Host", "localhost"), ("User-Agent", "coderev"), ("Accept", "*/*"), *self.headers]
        return Request(self.method.upper(), split.path, split.query, headers, self.body.encode())

    @property
    def route(self) -> str:
        return json.dumps(self.resource or urlsplit(self.path).path)


@dataclass(slots=True)
class _Caught:
    events: dict[str, Any] = field(default_factory=dict)

    async def __call__(self, reference: str, payload: bytes, **_given: Any) -> Result:
        self.events[reference] = json.loads(payload)
        answer = _ALLOWED if reference == "guard" else {"statusCode": 200, "body": ""}
        return Result(json.dumps(answer).encode())


def rest(sent: Sent, now: float) -> Any:
    """The event of a REST API's function."""
    return _rest(sent, now, None)["function"]


def authorizer(kind: Literal["TOKEN", "REQUEST"], sent: Sent, now: float) -> Any:
    """The event of a REST API's authorizer, whose identity source is the Authorization header."""
    if not any(name.lower() == "authorization" for name, _ in sent.headers):
        sent = Sent(sent.method, sent.path, (*sent.headers, ("Authorization", "token")), sent.body, sent.resource)
    return _rest(sent, now, kind)["guard"]


def http(sent: Sent, now: float) -> Any:
    """The event of an HTTP API's function, payload format 2.0."""
    template = _template(
        _HTTP + _FUNCTIONS % {"kind": "HttpApi", "api": "ApiId", "path": sent.route, "method": sent.method, "auth": ""}
    )
    caught = _Caught()
    parts = HttpGateways(template, Options(Path()), caught).parts(None)
    asyncio.run(_asked(HttpFront(parts, invoke=caught, clock=ManualClock(now)), sent))
    return caught.events["function"]


def websocket(kind: Literal["connect", "message", "disconnect"], *, body: str, route: str, now: float) -> Any:
    """The event of a WebSocket API's function."""
    connection = Connection("Api", "live", "localhost", "127.0.0.1", "coderev", connected_at=now, active_at=now)
    stage = WebSocketStage("live")
    if kind == "message":
        return events.message(connection, body, route=route, stage=stage, now=now)
    if kind == "disconnect":
        return events.disconnect(connection, 1000, "", stage=stage, now=now)
    request = Sent(headers=(("Sec-WebSocket-Version", "13"),)).request
    return events.connect(connection, request, stage=stage, now=now, trace="Root=1-0-0")


def _rest(sent: Sent, now: float, kind: Literal["TOKEN", "REQUEST"] | None) -> dict[str, Any]:
    api = _REST % {"payload": kind or "TOKEN", "identity": _IDENTITY[kind or "TOKEN"]}
    auth = ", Auth: { Authorizer: Guard }" if kind else ""
    template = _template(
        api + _FUNCTIONS % {"kind": "Api", "api": "RestApiId", "path": sent.route, "method": sent.method, "auth": auth}
    )
    caught = _Caught()
    front = Front(template.routes, template.apis, invoke=caught, clock=ManualClock(now), integration_s=None)
    asyncio.run(_asked(front, sent))
    return caught.events


async def _asked(front: Front | HttpFront, sent: Sent) -> None:
    await front(sent.request)


def _template(resources: str) -> Template:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.yaml"
        file.write_text(f"Transform: AWS::Serverless-2016-10-31\nResources:{resources}", encoding="utf-8")
        return load(file)
