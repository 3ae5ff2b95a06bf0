"""What functions get: the events of a connection, and the question to its authorizer.

Held against events recorded by Powertools and aws-lambda-go.
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from emulator.rest.headers import lowered, received
from emulator.template.model import ACCOUNT, REGION
from emulator.template.websocket_model import WebSocketStage
from emulator.web.messages import Request
from emulator.websocket.connection import Connection, new_id

CONNECT, MESSAGE, DISCONNECT = "CONNECT", "MESSAGE", "DISCONNECT"


def connect(
    connection: Connection, request: Request, *, stage: WebSocketStage, now: float, trace: str
) -> dict[str, Any]:
    """Build the event of `$connect`. What the request has not, the event has not."""
    headers = received(request, lowered(request), trace)
    query = _query(request)
    return {
        "headers": _last(headers),
        "multiValueHeaders": headers,
        **({"queryStringParameters": _last(query), "multiValueQueryStringParameters": query} if query else {}),
        **_variables(stage),
        "requestContext": context(connection, "$connect", CONNECT, now),
        "isBase64Encoded": False,
    }


def question(
    connection: Connection, request: Request, *, stage: WebSocketStage, now: float, trace: str
) -> dict[str, Any]:
    """Build the event that asks an authorizer; unlike a function's, it has the headers of the upgrade.

    AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
    """
    upgrade = {"Connection": ["upgrade"], "content-length": ["0"], "Upgrade": ["websocket"]}
    headers = upgrade | received(request, lowered(request), trace)
    query = _query(request)
    return {
        "type": "REQUEST",
        "methodArn": method_arn(connection),
        "headers": _last(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": _last(query),
        "multiValueQueryStringParameters": query,
        "stageVariables": dict(stage.variables),
        "requestContext": context(connection, "$connect", CONNECT, now),
    }


def message(connection: Connection, body: str, *, route: str, stage: WebSocketStage, now: float) -> dict[str, Any]:
    """Build the event of a message; it has no headers."""
    return {
        **_variables(stage),
        "requestContext": context(connection, route, MESSAGE, now, messageId=new_id()),
        "body": body,
        "isBase64Encoded": False,
    }


def disconnect(connection: Connection, code: int, reason: str, *, stage: WebSocketStage, now: float) -> dict[str, Any]:
    """Build the event of `$disconnect`. Its headers are the gateway's own, most of them empty."""
    headers = {"Host": connection.domain, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
    ended = {"disconnectStatusCode": code, "disconnectReason": reason or _REASONS.get(code, "")}
    return {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        **_variables(stage),
        "requestContext": context(connection, "$disconnect", DISCONNECT, now, **ended),
        "isBase64Encoded": False,
    }


def context(connection: Connection, route: str, kind: str, now: float, **more: Any) -> dict[str, Any]:
    """Build `requestContext`."""
    request_id = new_id()
    agent = {} if connection.user_agent is None else {"userAgent": connection.user_agent}
    return {
        "routeKey": route,
        **({} if connection.authorizer is None else {"authorizer": dict(connection.authorizer)}),
        **more,
        "eventType": kind,
        "extendedRequestId": request_id,
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "messageDirection": "IN",
        "stage": connection.stage,
        "connectedAt": int(connection.connected_at * 1000),
        "requestTimeEpoch": int(now * 1000),
        "identity": {**agent, "sourceIp": connection.source_ip},
        "requestId": request_id,
        "domainName": connection.domain,
        "connectionId": connection.id,
        "apiId": connection.api,
    }


def method_arn(connection: Connection) -> str:
    """Return the ARN that an authorizer's policy is held against."""
    return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{connection.api}/{connection.stage}/$connect"


_REASONS = {1005: "Client-side close frame status not set"}
"""Words of API Gateway for a close without a reason."""


def _query(request: Request) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def _last(values: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: each[-1] for name, each in values.items()}


def _variables(stage: WebSocketStage) -> dict[str, Any]:
    return {"stageVariables": dict(stage.variables)} if stage.variables else {}
