"""The WebSocket APIs of one emulator: their addresses, their ports, and what functions are told of them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from emulator.options import Options
from emulator.runtime.environment import Surroundings
from emulator.runtime.results import Result
from emulator.runtime.runtime import Runtime
from emulator.template import Template
from emulator.template.model import REGION
from emulator.web.guard import guarded
from emulator.web.messages import Handler
from emulator.web.server import Server
from emulator.websocket.front import Front
from emulator.websocket.hub import Hub
from emulator.websocket.stage import stages_of
from emulator.websocket.tls import Certificate

_GRACE_S = 5.0


class WebSockets:
    """`hub` knows the connections; `front` is a part of the edge and stands before a gateway."""

    def __init__(self, template: Template, options: Options, runtime: Callable[[], Runtime]) -> None:
        """Args: runtime: Gives the runtime, which is there once functions are called."""
        self._options, self._runtime = options, runtime
        self._apis = tuple(template.sockets)
        self._domain = ""
        self._certificate = Certificate(options.data.resolve() / "emulator" / "tls")
        stages = stages_of(
            template.sockets.values(),
            invoke=self._invoke,
            clock=options.clock,
            domain=lambda request: self._domain or request.header("host") or "localhost",
            integration_s=options.integration_s,
        )
        self.hub = Hub(stages, options.clock)
        self.front = Front(self.hub)

    async def start(self, parts: contextlib.AsyncExitStack, edge: Handler) -> None:
        """Serve the edge by TLS under the domain of the events, if there are WebSocket APIs.

        Raises:
            OSError: the certificate cannot be written.
        """
        if not self.hub.stages:
            return
        context = self._certificate.context(datetime.fromtimestamp(self._options.clock.now(), UTC))
        server = Server(guarded(edge, allowed=self._options.allowed_hosts, origins=True))
        port = await server.start("127.0.0.1", 0, tls=context)
        parts.push_async_callback(server.stop)
        self._domain = f"127.0.0.1:{port}"

    async def stop(self) -> None:
        """Close every connection while its functions can still be told."""
        self.hub.end_all()
        deadline = time.monotonic() + _GRACE_S
        while self.hub.lines and time.monotonic() < deadline:
            await asyncio.sleep(0.01)

    def around(self, told: Surroundings) -> Surroundings:
        """Tell functions where their APIs are: the addresses in AWS that their environment has become those here."""
        if not self.hub.stages:
            return told
        here = told.edge.removeprefix("http://")
        addresses: dict[str, str] = {}
        for name in self._apis:
            host = f"{name}.execute-api.{REGION}.amazonaws.com"
            addresses |= {
                f"https://{host}": f"http://{here}/{name}",
                f"wss://{host}": f"ws://{here}/{name}",
                host: f"{self._domain}/{name}",
            }
        more = {"AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": told.edge, "AWS_CA_BUNDLE": str(self._certificate.bundle)}
        return replace(told, extra={**told.extra, **more}, addresses={**told.addresses, **addresses})

    def status(self) -> dict[str, Any]:
        """Return the number of connections of each stage."""
        return {"websockets": self.hub.status()} if self.hub.stages else {}

    async def _invoke(self, reference: str, payload: bytes, *, trace_id: str, origin: str) -> Result:
        return await self._runtime().invoke(reference, payload, trace_id=trace_id, origin=origin)
