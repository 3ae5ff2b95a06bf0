"""What comes of a function's answer, and what the gateway says itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.runtime.results import Result
from emulator.web.messages import Response

BROKEN, TIMED_OUT, FORBIDDEN = "Internal server error", "Endpoint request timed out", "Forbidden"


class Refused(Exception):
    """The gateway answers itself; `status` is for a request to connect."""

    def __init__(self, status: int, message: str | None) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message


@dataclass(frozen=True, slots=True)
class Answer:
    """A function's answer; `headers` have names in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


def answer_of(result: Result) -> Answer:
    """Read the answer of a proxy integration.

    Raises:
        Refused: 502; the function failed, or its answer is not in the proxy format.
    """
    if result.error is not None:
        raise Refused(502, BROKEN)
    try:
        given = json.loads(result.payload)
        return Answer(_status(given.get("statusCode", 200)), _headers(given), _body(given.get("body")))
    except (ValueError, AttributeError, TypeError) as malformed:
        raise Refused(502, BROKEN) from malformed


def _status(given: Any) -> int:
    status = int(given) if isinstance(given, str) else given
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        raise ValueError("statusCode is not a status")
    return status


def _headers(given: Mapping[str, Any]) -> dict[str, str]:
    multiple = {name: values[-1] for name, values in (given.get("multiValueHeaders") or {}).items() if values}
    pairs = {**multiple, **(given.get("headers") or {})}
    found = {str(name).lower(): str(value) for name, value in pairs.items()}
    if any(sign in value for value in found.values() for sign in "\r\n\0"):
        raise ValueError("a header has more than one line")
    return found


def _body(given: Any) -> str | None:
    if given is not None and not isinstance(given, str):
        raise TypeError("body is not text")
    return given


def said(message: str | None, connection_id: str, request_id: str) -> str:
    """Return the gateway's own words, to the letter as clients get them in a frame."""
    return f'{{"message": {json.dumps(message)}, "connectionId":"{connection_id}", "requestId":"{request_id}"}}'


def refusal(refused: Refused, connection_id: str, request_id: str) -> Response:
    """Answer a request to connect."""
    body = said(refused.message, connection_id, request_id)
    return Response(refused.status, [("Content-Type", "application/json")], body.encode())
