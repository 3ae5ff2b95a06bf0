"""Answers that an HTTP API gives itself. They cannot be changed by a template."""

from __future__ import annotations

import json
from dataclasses import dataclass

from emulator.web.messages import Response


@dataclass(frozen=True, slots=True)
class Refusal:
    """`challenge` is the value of `www-authenticate`."""

    status: int
    message: str
    challenge: str | None = None


NOT_FOUND = Refusal(404, "Not Found")
UNAUTHORIZED = Refusal(401, "Unauthorized")
FORBIDDEN = Refusal(403, "Forbidden")
TOO_LARGE = Refusal(413, "Request Entity Too Large")
THROTTLED = Refusal(429, "Too Many Requests")
FAILED = Refusal(500, "Internal Server Error")
UNAVAILABLE = Refusal(503, "Service Unavailable")


class Refused(Exception):
    """The request does not reach the function."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def refuse(refusal: Refusal) -> Response:
    headers = [("Content-Type", "application/json")]
    if refusal.challenge is not None:
        headers.append(("www-authenticate", refusal.challenge))
    return Response(refusal.status, headers, json.dumps({"message": refusal.message}, separators=(",", ":")).encode())
