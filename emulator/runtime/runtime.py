"""All functions of an emulator: one pool each, invoked by name."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import shutil
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from emulator.runtime import environment, results
from emulator.runtime.ended import Ended, OnEnded
from emulator.runtime.exchange import Exchange
from emulator.runtime.invocation import Invocation
from emulator.runtime.logs import FunctionLog, OnLog
from emulator.runtime.output import Output
from emulator.runtime.pool import Pool
from emulator.runtime.process import Process
from emulator.runtime.results import Result, UnknownFunction
from emulator.runtime.spawn import Spawner
from emulator.runtime.survivors import Registry
from emulator.template import Function, function_name

log = logging.getLogger(__name__)
_REAP_S = 1.0


@dataclass(frozen=True, slots=True)
class RuntimeOptions:
    """`limit` bounds the processes of a function without reserved concurrency."""

    data: Path
    limit: int = 8
    idle_s: float = 60.0
    stop_s: float = 2.0
    around: environment.Surroundings = field(default_factory=environment.Surroundings)
    on_log: OnLog | None = None
    on_ended: OnEnded | None = None


class Runtime:
    """Starts function processes when they are first needed and ends all of them at `stop`."""

    def __init__(self, functions: Mapping[str, Function], options: RuntimeOptions) -> None:
        self._options = options
        self._work, self._logs = options.data / "emulator", options.data / "logs"
        for folder in (self._logs, self._work / "run", self._work / "tmp"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._registry = Registry(self._work / "run")
        self._spawner = Spawner(self._work / "tmp", self._registry)
        self._log = {name: FunctionLog(name, self._logs, options.on_log) for name in functions}
        self._pools = {
            name: Pool(function, limit=options.limit, start=self._start) for name, function in functions.items()
        }
        self._starting: set[asyncio.Task[None]] = set()
        self._reaper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Clean up after an emulator that was killed, then be ready. No process is started yet."""
        await asyncio.to_thread(self._registry.clean)
        for left in (self._work / "tmp").iterdir():
            shutil.rmtree(left, ignore_errors=True)
        self._reaper = asyncio.create_task(self._reap())

    @property
    def functions(self) -> Mapping[str, Function]:
        return {name: pool.function for name, pool in self._pools.items()}

    def function(self, reference: str) -> Function:
        """Return a function by name or ARN.

        Raises:
            UnknownFunction: it is not served here.
        """
        return self._pool(reference).function

    def limit(self, name: str) -> int:
        """Return how many events of a function run at once at most."""
        return self._pool(name).limit

    def status(self) -> dict[str, dict[str, int]]:
        """Return processes and running events by function."""
        return {name: {"processes": pool.size, "running": pool.running} for name, pool in self._pools.items()}

    async def invoke(
        self,
        reference: str,
        payload: bytes,
        *,
        request_id: str | None = None,
        trace_id: str | None = None,
        client_context: str | None = None,
        origin: str = "invoke",
    ) -> Result:
        """Run a function once and return what it ended with, error or not.

        Args:
            origin: What sent the event, for whoever watches: `http`, `kafka`, `schedule` and so on.

        Raises:
            UnknownFunction: it is not served here.
            Throttled: its reserved concurrency is used up.
            Stopping: the emulator stops.
        """
        pool = self._pool(reference)
        invocation = Invocation(
            function=pool.function,
            payload=payload,
            request_id=request_id or str(uuid.uuid4()),
            trace_id=trace_id or new_trace_id(),
            answer=asyncio.get_running_loop().create_future(),
            client_context=client_context,
        )
        began = time.time()
        pool.submit(invocation)
        result = await invocation.answer
        if self._options.on_ended is not None:
            self._options.on_ended(
                Ended(pool.function.name, invocation.request_id, invocation.trace_id, origin, began, payload, result)
            )
        return result

    async def stop(self) -> None:
        """SIGTERM, a moment, SIGKILL; returns when no process is left."""
        if self._reaper is not None:
            self._reaper.cancel()
        for pool in self._pools.values():
            pool.stop()
        await self._until_gone(self._options.stop_s)
        for pool in self._pools.values():
            pool.kill()
        await self._until_gone(self._options.stop_s)
        for task in self._starting:
            task.cancel()
        for each in self._log.values():
            each.flush()

    async def _until_gone(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while any(pool.size for pool in self._pools.values()) and time.monotonic() < deadline:
            await asyncio.sleep(0.01)

    def _pool(self, reference: str) -> Pool:
        pool = self._pools.get(reference) or self._pools.get(function_name(reference))
        if pool is None:
            raise UnknownFunction(reference)
        return pool

    def _start(self, pool: Pool) -> Process:
        output = Output(self._log[pool.function.name])
        process = Process(pool.function, pool, output)
        task = asyncio.get_running_loop().create_task(self._launch(process, output))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)
        return process

    async def _launch(self, process: Process, output: Output) -> None:
        function, loop = process.function, asyncio.get_running_loop()
        server = await loop.create_server(lambda: Exchange(process), "127.0.0.1", 0)
        variables = self._environment(function, server.sockets[0].getsockname()[1])

        def ended(status: int | None) -> None:
            server.close()
            process.exited(status)

        try:
            child = await self._spawner.spawn(function, variables, output=output, on_exit=ended)
        except (OSError, ValueError) as refused:
            log.error("function process did not start", extra={"function": function.name, "reason": str(refused)})
            ended(127)
            return
        process.spawned(child)

    def _environment(self, function: Function, port: int) -> dict[str, str]:
        return environment.build(
            function,
            self._options.around,
            api=f"127.0.0.1:{port}",
            stream=environment.log_stream(datetime.fromtimestamp(time.time(), UTC)),
            tmp=self._spawner.tmp(function),
        )

    async def _reap(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(_REAP_S)
                for pool in self._pools.values():
                    pool.reap(self._options.idle_s)


def new_trace_id() -> str:
    """Return an X-Ray trace header of a new, unsampled trace."""
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0"


__all__ = ["Runtime", "RuntimeOptions", "new_trace_id", "results"]
