"""Routes of `/_emulator`: what runs, what happened, what to do about it, and the page that shows it."""

from __future__ import annotations

import hmac
import json

from emulator.console import access
from emulator.console.control import Control
from emulator.console.faults import Faults
from emulator.console.functions import Functions
from emulator.console.invocations import Invocations
from emulator.console.live import Live
from emulator.console.page import Page
from emulator.console.router import Asked, Refused, Route, Router
from emulator.console.run import Runs
from emulator.console.scene import Scene, redactor_of
from emulator.console.views import Views
from emulator.sources.s3 import BadNotification
from emulator.web.messages import Request, Response, json_response, problem

_PREFIX = "/_emulator"


class Console:
    """Answers requests under `/_emulator`."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        redactor = redactor_of(scene)
        views = Views(scene.journal, redactor)
        self._machines = Router(self._for_machines())
        self._people = Router(
            [
                *Page().routes(),
                *Functions(scene, redactor).routes(),
                *Invocations(scene.journal, views).routes(),
                *Runs(scene, views).routes(),
                *Control(scene, views).routes(),
                *Faults(scene).routes(),
                *Live(scene.journal, views).routes(),
            ]
        )

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request, or return None if it is none of the console's."""
        if request.path != _PREFIX and not request.path.startswith(_PREFIX + "/"):
            return None
        if (answer := await self._machines(request)) is not None:
            return answer
        try:
            access.check(request, everywhere=self._scene.options.console_everywhere)
        except Refused as refused:
            return problem(refused.status, refused.code, refused.detail)
        answer = await self._people(request)
        return answer or problem(404, "not_found", f"{request.method} {request.path} is not served here.")

    def _for_machines(self) -> list[Route]:
        """Routes for whoever reaches the port, another machine's health check or object store included."""
        return [
            ("GET", "/_emulator/ready", self._ready),
            ("GET", "/_emulator/status", self._status),
            ("POST", "/_emulator/s3-events", self._s3_events),
        ]

    async def _ready(self, asked: Asked) -> Response:
        ready = self._scene.ready()
        return json_response(200 if ready else 503, {"ready": ready})

    async def _status(self, asked: Asked) -> Response:
        return json_response(200, await self._scene.status())

    async def _s3_events(self, asked: Asked) -> Response:
        """Store what a notification sets off; the 202 is a promise that it will run."""
        given = asked.request.header("authorization") or ""
        if not hmac.compare_digest(given.encode(), f"Bearer {self._scene.options.token}".encode()):
            raise Refused(401, "unauthorized", "A bearer token of the emulator is needed.")
        try:
            invoked = await self._scene.sources.notifications.deliver(json.loads(asked.request.body))
        except (ValueError, BadNotification) as broken:
            raise Refused(400, "bad_notification", f"This is no S3 notification: {broken}") from broken
        return json_response(202, {"invoked": invoked})
