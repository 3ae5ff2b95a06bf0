"""`@connections`: what functions do to connections of others.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from emulator.web.messages import Request, Response, json_response
from emulator.web.websocket import NORMAL, Closed
from emulator.websocket.connection import Client, Connection
from emulator.websocket.hub import Hub

LARGEST_BYTES = 128 * 1024
_PLACE = "/@connections/"
_SLOW_S = 2.0
_ID_BYTES = 11
_CLOSED = "Connection Closed Normally"


def is_management(request: Request) -> bool:
    return "connections/" in request.path and _PLACE in unquote(request.path)


class Management:
    """Answers requests to `/@connections/ID` below a stage, and below nothing."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request, or return None if it is none of these."""
        if not self._hub.stages or not is_management(request):
            return None
        place, _, connection_id = unquote(request.path).partition(_PLACE)
        if (refused := self._refusal(request, place, connection_id)) is not None:
            return refused
        connection = self._hub.find(place, connection_id)
        client = connection.client if connection else None
        if connection is None or client is None or client.closed is not None:
            return _gone()
        if request.method == "GET":
            return json_response(200, _description(connection))
        if request.method == "DELETE":
            client.end(NORMAL, _CLOSED)
            return Response(204)
        return await self._post(connection, client, request.body)

    def _refusal(self, request: Request, place: str, connection_id: str) -> Response | None:
        if request.method not in ("GET", "POST", "DELETE") or request.header("authorization") is None:
            return _error(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        if not self._hub.matching(place):
            return _error(403, "ForbiddenException", "Forbidden")
        if not _is_id(connection_id):
            return _error(400, "BadRequestException", f"Invalid connectionId: {connection_id}")
        return None

    async def _post(self, connection: Connection, client: Client, body: bytes) -> Response:
        """Send a message; a client that does not take what it was sent before holds it back, and then refuses it."""
        if len(body) > LARGEST_BYTES:
            return _error(413, "PayloadTooLargeException", "Message too long")
        try:
            async with asyncio.timeout(_SLOW_S), connection.sending:
                await client.drained()
                client.put(body.decode("utf-8", "replace"))
        except TimeoutError:
            return _error(429, "LimitExceededException", "Too Many Requests")
        except Closed:
            return _gone()
        self._hub.heard(connection)
        return Response(200)


def _is_id(text: str) -> bool:
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == _ID_BYTES
    except (binascii.Error, ValueError):
        return False


def _description(connection: Connection) -> dict[str, Any]:
    return {
        "connectedAt": _iso(connection.connected_at),
        "identity": {"sourceIp": connection.source_ip, "userAgent": connection.user_agent},
        "lastActiveAt": _iso(connection.active_at),
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _gone() -> Response:
    """Answer as API Gateway does: without a body."""
    return Response(410, [("x-amzn-ErrorType", "GoneException")])


def _error(status: int, kind: str, message: str) -> Response:
    return json_response(status, {"message": message}, {"x-amzn-ErrorType": kind})
