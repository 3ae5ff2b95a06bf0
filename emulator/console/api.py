"""Routes of `/_emulator`."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from emulator.sources.s3 import BadNotification, Notifications
from emulator.web.messages import Request, Response, json_response, problem


class Console:
    """Answers requests under `/_emulator`. `status` describes the emulator, `ready` tells whether it serves."""

    def __init__(
        self,
        notifications: Notifications,
        *,
        token: str,
        status: Callable[[], Awaitable[dict[str, Any]]],
        ready: Callable[[], bool],
    ) -> None:
        self._notifications, self._token, self._status, self._ready = notifications, token, status, ready

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request, or return None if it is none of the console's."""
        place = (request.method, request.path)
        if place == ("GET", "/_emulator/ready"):
            ready = self._ready()
            return json_response(200 if ready else 503, {"ready": ready})
        if place == ("GET", "/_emulator/status"):
            return json_response(200, await self._status())
        if place == ("POST", "/_emulator/s3-events"):
            return await self._s3_events(request)
        return None

    async def _s3_events(self, request: Request) -> Response:
        """Store what a notification sets off; the 202 is a promise that it will run."""
        given = request.header("authorization") or ""
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return problem(401, "unauthorized", "A bearer token of the emulator is needed.")
        try:
            invoked = await self._notifications.deliver(json.loads(request.body))
        except (ValueError, BadNotification) as broken:
            return problem(400, "bad_notification", f"This is no S3 notification: {broken}")
        return json_response(202, {"invoked": invoked})
