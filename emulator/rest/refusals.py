"""Answers that the gateway gives itself, as AWS gives them without a template.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Refusal:
    """A gateway response type with AWS's default status, message and error header.

    `reason` is what `$context.error.validationErrorString` tells.
    """

    kind: str
    status: int
    message: str | None
    error: str = ""
    key: str = "message"
    reason: str = ""

    @property
    def body(self) -> str:
        """Return the body to the letter: API Gateway writes that of its own failures with a space, others without."""
        colon = ": " if self.error == _SERVER else ":"
        return json.dumps({self.key: self.message}, separators=(",", colon))

    def saying(self, message: str) -> Refusal:
        return replace(self, message=message)

    def because(self, reason: str) -> Refusal:
        return replace(self, reason=reason)


class Refused(Exception):
    """The request does not reach the function, or its answer not the client."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.kind)
        self.refusal = refusal


_INTERNAL, _SERVER = "Internal server error", "InternalServerErrorException"
_AUTHORIZER = "AuthorizerConfigurationException"
_NOT_ALLOWED = "User is not authorized to access this resource"

UNKNOWN_ROUTE = Refusal(
    "MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token", "MissingAuthenticationTokenException"
)
UNSIGNED = UNKNOWN_ROUTE
BAD_SIGNATURE = Refusal(
    "INVALID_SIGNATURE",
    403,
    "The request signature we calculated does not match the signature you provided.",
    "InvalidSignatureException",
)
INCOMPLETE_SIGNATURE = Refusal("INVALID_SIGNATURE", 403, "", "IncompleteSignatureException")
EXPIRED = Refusal(
    "EXPIRED_TOKEN", 403, "The security token included in the request is expired", "ExpiredTokenException"
)
UNAUTHORIZED = Refusal("UNAUTHORIZED", 401, "Unauthorized", "UnauthorizedException")
DENIED = Refusal("ACCESS_DENIED", 403, _NOT_ALLOWED, "AccessDeniedException", "Message")
DENIED_EXPLICITLY = DENIED.saying(f"{_NOT_ALLOWED} with an explicit deny")
AUTHORIZER_FAILED = Refusal("AUTHORIZER_FAILURE", 500, None, _AUTHORIZER)
AUTHORIZER_BROKEN = Refusal("AUTHORIZER_CONFIGURATION_ERROR", 500, None, _AUTHORIZER)
FORBIDDEN = Refusal("INVALID_API_KEY", 403, "Forbidden", "ForbiddenException")
WAF_FILTERED = Refusal("WAF_FILTERED", 403, "Forbidden", "ForbiddenException")
THROTTLED = Refusal("THROTTLED", 429, "Too Many Requests", "TooManyRequestsException")
QUOTA_EXCEEDED = Refusal("QUOTA_EXCEEDED", 429, "Limit Exceeded", "LimitExceededException")
BAD_PARAMETERS = Refusal("BAD_REQUEST_PARAMETERS", 400, "Missing required request parameters", "BadRequestException")
BAD_BODY = Refusal("BAD_REQUEST_BODY", 400, "Invalid request body", "BadRequestException")
UNSUPPORTED_MEDIA_TYPE = Refusal("UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type", "BadRequestException")
TOO_LARGE = Refusal(
    "REQUEST_TOO_LARGE", 413, "HTTP content length exceeded 10485760 bytes.", "RequestEntityTooLargeException"
)
TOO_LONG = TOO_LARGE.saying("Request Too Long")
URI_TOO_LONG = Refusal("DEFAULT_4XX", 414, "Request URI too long", "RequestURITooLongException")
UNKNOWN_RESOURCE = Refusal("RESOURCE_NOT_FOUND", 404, "Not Found", "NotFoundException")
BAD_ANSWER = Refusal("INTEGRATION_FAILURE", 502, _INTERNAL, _SERVER)
NOT_RUN = Refusal("INTEGRATION_FAILURE", 500, _INTERNAL, _SERVER)
NOT_BASE64 = Refusal("API_CONFIGURATION_ERROR", 500, _INTERNAL, _SERVER)
TIMED_OUT = Refusal("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out", _SERVER)
