"""Errors of the Lambda API, in AWS's words.

AWS: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
"""

from __future__ import annotations

import uuid
from typing import Any

from emulator.web.messages import Response, json_response

_CAPITAL = frozenset(
    {"ResourceInUseException", "ResourceNotFoundException", "ServiceException", "NotImplementedException"}
)
"""Exceptions that call their text `Message`; the others say `message`."""
_UNTYPED = frozenset({"ValidationException"})


class ApiError(Exception):
    """An error in AWS's shape: status, exception name, message and further fields."""

    def __init__(self, status: int, kind: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status, self.kind, self.message, self.fields = status, kind, message, fields

    def response(self) -> Response:
        headers = {"x-amzn-ErrorType": self.kind, "x-amzn-RequestId": str(uuid.uuid4())}
        if "retryAfterSeconds" in self.fields:
            headers["Retry-After"] = self.fields["retryAfterSeconds"]
        text = "Message" if self.kind in _CAPITAL else "message"
        typed = {} if self.kind in _UNTYPED else {"Type": "User" if self.status < 500 else "Service"}
        return json_response(self.status, {text: self.message, **typed, **self.fields}, headers)


def invalid(message: str) -> ApiError:
    return ApiError(400, "InvalidParameterValueException", message)


def not_found(message: str = "The resource you requested does not exist.") -> ApiError:
    return ApiError(404, "ResourceNotFoundException", message)


def violated(field: str, value: str, constraint: str) -> ApiError:
    """Return what AWS answers to a value that its model does not allow."""
    message = f"1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {constraint}"
    return ApiError(400, "ValidationException", message)
