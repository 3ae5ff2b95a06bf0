"""The event that a function of a REST API gets."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.rest.call import Call
from emulator.rest.headers import received
from emulator.template import Api

_UNTYPED = "application/json"
"""What API Gateway takes a request for that names no media type."""


def proxy_event(call: Call) -> dict[str, Any]:
    """Build the event of a Lambda proxy integration. Absent maps are null, as on AWS, never empty."""
    body, encoded = _body(call)
    return {**_head(call, call.headers, None), "body": body, "isBase64Encoded": encoded}


def authorizer_event(call: Call) -> dict[str, Any]:
    """Build the event of a REQUEST authorizer: all headers, no body, and absent maps are empty."""
    headers = received(call.request, call.given, call.trace, dropped=frozenset())
    event = {"type": "REQUEST", "methodArn": call.method_arn, **_head(call, headers, {})}
    if "x-api-key" in call.given:
        event["requestContext"]["identity"]["apiKey"] = call.given["x-api-key"]
    return event


def is_binary(media_type: str | None, binary_types: Iterable[str]) -> bool:
    """Tell whether a media type is one of the API's binary types, `*/*` and `image/*` included.

    Of several in an `Accept`, API Gateway looks at the first only.
    """
    given = (media_type or _UNTYPED).split(",")[0].split(";")[0].strip().lower()
    family = given.split("/")[0] + "/*"
    return any(wanted in ("*/*", given, family) for wanted in binary_types)


def _head(call: Call, headers: dict[str, list[str]], absent: dict[str, Any] | None) -> dict[str, Any]:
    assert call.target is not None, "only a route has an event"
    query = call.query
    return {
        "resource": call.target.route.path,
        "path": call.path,
        "httpMethod": call.method,
        "headers": _last(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": _last(query) or absent,
        "multiValueQueryStringParameters": query or absent,
        "pathParameters": dict(call.parameters) or absent,
        "stageVariables": dict(call.api.variables) or absent,
        "requestContext": call.context,
    }


def _body(call: Call) -> tuple[str | None, bool]:
    body, api = call.request.body, call.api
    if not body:
        return None, False
    if _is_binary_request(call, api):
        return base64.b64encode(body).decode(), True
    return body.decode("utf-8", "replace"), False


def _is_binary_request(call: Call, api: Api) -> bool:
    return bool(api.binary_types) and is_binary(call.given.get("content-type"), api.binary_types)


def _last(values: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: each[-1] for name, each in values.items()}
