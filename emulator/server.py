"""The whole emulator: starts its parts in order, and stops them in the reverse order whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from emulator.asynchronous.store import Store
from emulator.console.api import Console
from emulator.console.journal import Journal, told
from emulator.console.scene import Scene
from emulator.edge.edge import Edge
from emulator.edge.lambda_api import too_large as edge_too_large
from emulator.edge.surroundings import EDGE_LIMITS, AwsSide
from emulator.http_api.gateways import HttpGateways
from emulator.lock import DataLock
from emulator.options import Options, S3Access
from emulator.rest.gateways import Gateways
from emulator.runtime import RuntimeOptions
from emulator.runtime.wiring import runtime_of, watch
from emulator.sources.all import Sources
from emulator.template import ApiRoute, Template
from emulator.web.guard import guarded, is_loopback
from emulator.web.messages import Handler, Request, Response, problem
from emulator.web.server import Server
from emulator.websocket.wiring import WebSockets

log = logging.getLogger(__name__)


class Emulator:
    """Serves a template. Use as `async with Emulator(options) as emulator`."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.aws = AwsSide(options)
        self.aws_calls = self.aws.calls
        self.template: Template = self.aws.template
        self.ports: dict[str, int] = {}
        self.ready = asyncio.Event()
        self.journal = Journal()
        self._edge: Edge | None = None
        self._parts = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start.

        Raises:
            TemplateError: the template cannot be served.
            DataInUse: another emulator works on the same data folder.
            OSError: a port is taken.
        """
        self.loop = asyncio.get_running_loop()
        for warning in self.template.warnings:
            log.warning(warning)
        async with self._parts as parts:
            parts.enter_context(DataLock(self.options.data))
            await self._start(parts)
            self._parts = parts.pop_all()
        self.ready.set()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ready.clear()
        await self._parts.aclose()

    async def _start(self, parts: contextlib.AsyncExitStack) -> None:
        """Start the edge first, because functions are told its port, and the sources last."""
        edge_port = await self._serve(parts, "edge", self._at_edge, self.options.edge_port, too_large=edge_too_large)
        self.sockets = WebSockets(self.template, self.options, lambda: self.runtime)
        await self.sockets.start(parts, self._at_edge)
        await self._start_runtime(parts, edge_port)
        self.sources = Sources(
            self.template,
            self.options,
            runtime=self.runtime,
            store=self.store,
            edge=lambda: f"http://127.0.0.1:{edge_port}",
        )
        self._edge = self._made_edge()
        parts.push_async_callback(self.aws.stop)
        await self._start_gateways(parts)
        parts.push_async_callback(self.sockets.stop)
        await self.sources.start()
        parts.push_async_callback(self.sources.stop)
        await watch(self.options, self.runtime, self.template, read=self.aws.read_template, parts=parts)

    async def _start_runtime(self, parts: contextlib.AsyncExitStack, edge_port: int) -> None:
        self.runtime = runtime_of(self.options, self.template, self._runtime_options(edge_port))
        self.store = Store(None if self.options.inside else self.options.data / "emulator" / "queue.sqlite")
        self.store.start()
        parts.push_async_callback(self.store.stop)
        await self.runtime.start()
        parts.push_async_callback(self.runtime.stop)

    def _made_edge(self) -> Edge:
        """Return the edge with what workers ask, the console, and the APIs of AWS."""
        scene = Scene(
            self.options,
            self.template,
            self.runtime,
            self.sources,
            self.journal,
            self.aws.calls,
            self.sockets.hub,
            status=self.status,
            ready=self.ready.is_set,
        )
        front = self.sockets.front
        lambda_api = self.aws.lambda_api(self.runtime, self.sources, self.ports)
        return self.aws.edge(
            [*self.sources.jobs, Console(scene), front.upgraded],
            [lambda_api, *self.sources.parts, front.managed],
            self.ready.is_set,
            self.sources.notifications.deliver,
        )

    async def _start_gateways(self, parts: contextlib.AsyncExitStack) -> None:
        self.gateways = Gateways(self.template, self.options, self.runtime, self.aws.verify_callers)
        self.http = HttpGateways(self.template, self.options, self.runtime.invoke, self.aws.verify_callers)
        await self._serve_routes(parts, "all", self.template.routes, self.options.port)
        for domain, port in self.options.domain_ports.items():
            routes = tuple(route for route in self.template.routes if self._domain(route) == domain)
            if routes or self.http.serves(domain):
                await self._serve_routes(parts, domain, routes, port)

    async def _serve_routes(
        self, parts: contextlib.AsyncExitStack, name: str, routes: tuple[ApiRoute, ...], port: int
    ) -> None:
        domain = None if name == "all" else name
        front = self.http.over(self.gateways.front(routes), domain, alone=not routes)
        handler = front if domain else self.sockets.front.before(front, self._at_edge)
        await self._serve(parts, name, handler, port, too_large=front.too_large)

    async def _serve(
        self,
        parts: contextlib.AsyncExitStack,
        name: str,
        handler: Handler,
        port: int,
        *,
        too_large: Callable[[], Response],
    ) -> int:
        edge, options = name == "edge", self.options
        host = options.edge_host if edge else options.host
        if edge or is_loopback(host):
            handler = guarded(handler, allowed=options.allowed_hosts, origins=edge)
        server = Server(handler, too_large=too_large, limits=EDGE_LIMITS if edge else None)
        self.ports[name] = await server.start(host, port)
        parts.push_async_callback(server.stop)
        return self.ports[name]

    async def _at_edge(self, request: Request) -> Response:
        if self._edge is None:
            return problem(503, "starting", "The emulator is starting.")
        return await self._edge(request)

    async def status(self) -> dict[str, Any]:
        """Describe what runs, for people and for `coderev status`."""
        return {
            "ready": self.ready.is_set(),
            "pid": os.getpid(),
            "template": str(self.options.template),
            "ports": self.ports,
            "domains": sorted({each.domain for each in self.template.functions.values() if each.domain}),
            "functions": self.runtime.status(),
            "routes": len(self.template.routes) + len(self.template.http.routes),
            "objects": self.options.s3.endpoint if self.options.s3 else None,
            "warnings": list(self.template.warnings),
            **self.aws.status(),
            **self.gateways.status(),
            **self.sockets.status(),
            **self.http.status(self.ports),
            **await self.sources.status(),
            **await asyncio.to_thread(self.options.beside),
        }

    def _domain(self, route: ApiRoute) -> str | None:
        return self.template.functions[route.function].domain

    def _runtime_options(self, edge_port: int) -> RuntimeOptions:
        options = self.options
        return RuntimeOptions(
            data=options.data.resolve(),
            limit=options.max_processes_per_function,
            idle_s=options.idle_s,
            clock=options.clock,
            debug=options.debug,
            around=self.sockets.around(self.aws.around(edge_port)),
            on_log=told(self.journal.log, options.on_log),
            on_ended=told(self.journal.ended, options.on_ended),
        )


async def serve(options: Options, on_ready: Callable[[Emulator], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM, or until this task is cancelled."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
            loop.add_signal_handler(number, stop.set)
    async with Emulator(options) as emulator:
        if on_ready is not None:
            on_ready(emulator)
        await stop.wait()


def run(options: Options, on_ready: Callable[[Emulator], None] | None = None) -> None:
    """Serve in this thread until SIGINT or SIGTERM; nothing is left running afterwards.

    Raises:
        TemplateError, DataInUse, OSError: it could not start.
    """
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(options, on_ready))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the fastest event loop of this platform; None is asyncio's own."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


__all__ = ["Emulator", "Options", "S3Access", "loop_factory", "run", "serve"]
