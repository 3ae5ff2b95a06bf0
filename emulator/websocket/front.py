"""WebSocket APIs on a port: upgrades become connections, and `@connections` is answered beside them."""

from __future__ import annotations

from functools import partial

from emulator.web.handshake import is_websocket
from emulator.web.handshake import refusal as broken_handshake
from emulator.web.messages import Handler, Request, Response, problem
from emulator.web.websocket import Socket, SocketLimits, Upgrade
from emulator.websocket import line
from emulator.websocket.answers import FORBIDDEN, Refused, refusal
from emulator.websocket.connection import Connection, new_id
from emulator.websocket.hub import Hub
from emulator.websocket.management import LARGEST_BYTES, Management, is_management
from emulator.websocket.stage import Stage

LIMITS = SocketLimits(frame_bytes=32 * 1024, message_bytes=LARGEST_BYTES)
"""AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html"""


class Front:
    """Two parts of the edge, and by `before` one of a gateway."""

    def __init__(self, hub: Hub) -> None:
        self._hub, self._management = hub, Management(hub)

    async def managed(self, request: Request) -> Response | None:
        """Answer a request to `@connections`."""
        return await self._management(request)

    async def upgraded(self, request: Request) -> Response | None:
        """Answer a request to connect."""
        stage = self._hub.at(request.path) if is_websocket(request) else None
        if stage is None:
            return None
        if self._hub.stopping:
            return problem(503, "stopping", "The emulator stops.")
        return broken_handshake(request) or await self._open(stage, request)

    def before(self, handler: Handler, edge: Handler) -> Handler:
        """Return a handler that asks this front first. There no other WebSockets are served.

        Args:
            edge: Answers `@connections`, once it has seen to the signature.
        """
        if not self._hub.stages:
            return handler

        async def asked(request: Request) -> Response:
            if is_websocket(request):
                return await self.upgraded(request) or refusal(Refused(403, FORBIDDEN), new_id(), new_id())
            return await (edge if is_management(request) else handler)(request)

        return asked

    async def _open(self, stage: Stage, request: Request) -> Response:
        opened = await stage.open(request)
        if isinstance(opened, Response):
            return opened
        run = partial(self._run, stage, opened.connection)
        return Upgrade(run=run, subprotocol=opened.subprotocol, limits=LIMITS)

    async def _run(self, stage: Stage, connection: Connection, socket: Socket) -> None:
        socket.on_heard = partial(self._hub.heard, connection)
        await line.serve(self._hub, stage, connection, socket)
