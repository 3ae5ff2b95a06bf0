"""The event of payload format 1.0 of an HTTP API: that of a REST API, with names in lower case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.http_api.event import (
    Call,
    Found,
    body_of,
    domain_of,
    headers_of,
    is_text,
    pairs_of,
    raw_path,
    times_of,
)
from emulator.template.http_model import DEFAULT
from emulator.template.model import ACCOUNT
from emulator.web.messages import Request

_IDENTITY = (
    "accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
    "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn",
)  # fmt: skip


def proxy_event(
    request: Request, found: Found, call: Call, authorizer: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Build the event of an integration. Absent maps are null."""
    body, encoded = body_of(request, is_text)
    return {
        "version": "1.0",
        **asked(request, found, call, authorizer),
        "body": body,
        "isBase64Encoded": encoded,
    }


def asked(request: Request, found: Found, call: Call, authorizer: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Build the event without its version and body, which is also what an authorizer sees."""
    path, headers = raw_path(request.path), _multi_headers(request, call)
    query: dict[str, list[str]] = {}
    for name, value in pairs_of(request.query):
        query.setdefault(name, []).append(value)
    return {
        "resource": _resource(found, path),
        "path": path,
        "httpMethod": request.method,
        "headers": _last(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": _last(query) or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": _context(request, found, call, path=path, authorizer=authorizer),
        "pathParameters": dict(found.parameters) or None,
        "stageVariables": dict(found.api.variables) or None,
    }


def _context(
    request: Request, found: Found, call: Call, *, path: str, authorizer: Mapping[str, Any] | None
) -> dict[str, Any]:
    times, authorizer = times_of(call), authorizer or {}
    return {
        "accountId": ACCOUNT,
        "apiId": found.api.name,
        "authorizer": _flat(authorizer),
        **domain_of(request),
        "extendedRequestId": call.request_id,
        "httpMethod": request.method,
        "identity": _identity(request, authorizer.get("iam") or {}),
        "path": path,
        "protocol": request.protocol,
        "requestId": call.request_id,
        "requestTime": times["time"],
        "requestTimeEpoch": times["timeEpoch"],
        "resourceId": None,
        "resourcePath": _resource(found, path),
        "stage": found.api.stage,
    }


def _flat(authorizer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what format 1.0 shows of an authorizer: claims and scopes, or the context itself."""
    if "lambda" in authorizer:
        return dict(authorizer["lambda"] or {})
    jwt = authorizer.get("jwt") or {}
    return {"claims": jwt.get("claims"), "scopes": jwt.get("scopes")}


def _identity(request: Request, caller: Mapping[str, Any]) -> dict[str, Any]:
    known = {
        "accessKey": caller.get("accessKey"),
        "accountId": caller.get("accountId"),
        "caller": caller.get("callerId"),
        "principalOrgId": caller.get("principalOrgId"),
        "user": caller.get("userId"),
        "userArn": caller.get("userArn"),
    }
    absent: dict[str, Any] = dict.fromkeys(_IDENTITY)
    return {**absent, **known, "sourceIp": request.source_ip, "userAgent": request.header("user-agent") or ""}


def _resource(found: Found, path: str) -> str:
    return path if found.route.path == DEFAULT else found.route.path


def _multi_headers(request: Request, call: Call) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in request.headers:
        found.setdefault(name.lower(), []).append(value)
    joined = headers_of(request, call)
    added = ("content-length", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto")
    kept = {name: values for name, values in found.items() if name in joined}
    return {**kept, **{name: [joined[name]] for name in added if name in joined}}


def _last(values: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: each[-1] for name, each in values.items()}
