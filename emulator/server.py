"""The whole emulator: starts its parts in order, and stops them in the reverse order whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

from emulator.front import Front
from emulator.guard import guarded, is_loopback
from emulator.lock import DataLock
from emulator.options import Options, S3Access
from emulator.runtime import Runtime, RuntimeOptions
from emulator.runtime.environment import Surroundings
from emulator.statics import Statics
from emulator.template import ApiRoute, Template, load
from emulator.web.messages import Handler
from emulator.web.server import Server

log = logging.getLogger(__name__)


class Emulator:
    """Serves a template. Use as `async with Emulator(options) as emulator`."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.template: Template = load(options.template, options.parameters).only(options.domains)
        self.ports: dict[str, int] = {}
        self.ready = asyncio.Event()
        self._parts = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start.

        Raises:
            TemplateError: the template cannot be served.
            DataInUse: another emulator works on the same data folder.
            OSError: a port is taken.
        """
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
        self.runtime = Runtime(self.template.functions, self._runtime_options())
        parts.push_async_callback(self.runtime.stop)
        await self.runtime.start()
        await self._serve(parts, "all", self._front(self.template.routes), self.options.port)
        for domain, port in self.options.domain_ports.items():
            routes = tuple(route for route in self.template.routes if self._domain(route) == domain)
            if routes:
                await self._serve(parts, domain, self._front(routes), port)

    async def _serve(self, parts: contextlib.AsyncExitStack, name: str, front: Front, port: int) -> None:
        server = Server(self._guarded(front), too_large=front.too_large)
        self.ports[name] = await server.start(self.options.host, port)
        parts.push_async_callback(server.stop)

    def _front(self, routes: tuple[ApiRoute, ...]) -> Front:
        return Front(
            routes,
            self.template.apis,
            invoke=self.runtime.invoke,
            statics=Statics(self.options.static),
            integration_s=self.options.integration_s,
        )

    def _guarded(self, handler: Handler) -> Handler:
        if not is_loopback(self.options.host):
            return handler
        return guarded(handler, allowed=self.options.allowed_hosts)

    def _domain(self, route: ApiRoute) -> str | None:
        return self.template.functions[route.function].domain

    def _runtime_options(self) -> RuntimeOptions:
        options = self.options
        edge = f"http://127.0.0.1:{options.edge_port}"
        return RuntimeOptions(
            data=options.data.resolve(),
            limit=options.max_processes_per_function,
            idle_s=options.idle_s,
            around=Surroundings(edge=edge, credentials=options.credentials),
            on_log=options.on_log,
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
