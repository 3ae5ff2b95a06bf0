"""Answers that the gateway gives itself: AWS's defaults, and the template's GatewayResponses over them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from emulator.template import Api
from emulator.web.messages import Response

_VARIABLE = re.compile(r"\$(?:context|stageVariables)[.\w]*")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A gateway response type with AWS's default status, message and error header."""

    kind: str
    status: int
    message: str | None
    error: str = ""
    key: str = "message"


UNKNOWN_ROUTE = Refusal(
    "MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token", "MissingAuthenticationTokenException"
)
UNAUTHORIZED = Refusal("UNAUTHORIZED", 401, "Unauthorized", "UnauthorizedException")
DENIED = Refusal(
    "ACCESS_DENIED", 403, "User is not authorized to access this resource", "AccessDeniedException", key="Message"
)
DENIED_EXPLICITLY = Refusal(
    "ACCESS_DENIED",
    403,
    "User is not authorized to access this resource with an explicit deny",
    "AccessDeniedException",
    key="Message",
)
AUTHORIZER_FAILED = Refusal("AUTHORIZER_FAILURE", 500, None, "AuthorizerConfigurationException")
AUTHORIZER_BROKEN = Refusal("AUTHORIZER_CONFIGURATION_ERROR", 500, None, "AuthorizerConfigurationException")
BAD_ANSWER = Refusal("INTEGRATION_FAILURE", 502, "Internal server error", "InternalServerErrorException")
THROTTLED = Refusal("THROTTLED", 429, "Too Many Requests", "TooManyRequestsException")
TIMED_OUT = Refusal("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out", "InternalServerErrorException")
TOO_LARGE = Refusal(
    "REQUEST_TOO_LARGE", 413, "HTTP content length exceeded 10485760 bytes.", "RequestEntityTooLargeException"
)


def refuse(refusal: Refusal, api: Api, context: Mapping[str, str]) -> Response:
    """Answer with a gateway response.

    Args:
        context: Values of `$context.*`, without that prefix, such as `requestId` and `path`.
    """
    family = f"DEFAULT_{refusal.status // 100}XX"
    declared = api.gateway_responses.get(refusal.kind) or api.gateway_responses.get(family)
    status, headers, template = refusal.status, {}, None
    if declared is not None:
        status = declared.status or status
        headers = dict(declared.headers)
        template = declared.templates.get("application/json") or next(iter(declared.templates.values()), None)
    values = _values(refusal, context)
    body = _VARIABLE.sub(lambda found: values.get(found[0], ""), template) if template else _default(refusal)
    names = {name.lower() for name in headers}
    pairs = [(name, values.get(value.replace("context.", "$context."), value)) for name, value in headers.items()]
    if "content-type" not in names:
        pairs.insert(0, ("Content-Type", "application/json"))
    if refusal.error:
        pairs.append(("x-amzn-ErrorType", refusal.error))
    return Response(status, pairs, body.encode())


def _values(refusal: Refusal, context: Mapping[str, str]) -> dict[str, str]:
    message = refusal.message or ""
    return {
        **{f"$context.{name}": json.dumps(value)[1:-1] for name, value in context.items()},
        "$context.error.message": message,
        "$context.error.messageString": json.dumps(refusal.message),
        "$context.error.responseType": refusal.kind,
    }


def _default(refusal: Refusal) -> str:
    return json.dumps({refusal.key: refusal.message})
