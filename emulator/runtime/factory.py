"""Makes a function's processes, each with its folder, its output and its own Runtime API."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable
from datetime import UTC, datetime

from emulator.runtime import environment
from emulator.runtime.exchange import Exchange
from emulator.runtime.logs import FunctionLog
from emulator.runtime.memory import Sampler
from emulator.runtime.options import RuntimeOptions
from emulator.runtime.output import Output
from emulator.runtime.pool import Pool
from emulator.runtime.process import Process
from emulator.runtime.spawn import Birth, Spawner
from emulator.runtime.survivors import Registry
from emulator.runtime.terms import Terms

log = logging.getLogger(__name__)
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
"""What a shell ends with when it cannot run a command, and so what Lambda reports."""


class Factory:
    """Starts processes for pools. Each has a Runtime API of its own on a free port of loopback."""

    def __init__(self, options: RuntimeOptions) -> None:
        self._options = options
        self._work, self._logs = options.data / "emulator", options.data / "logs"
        for folder in (self._logs, self._work / "run", self._work / "tmp"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._registry = Registry(self._work / "run")
        self._spawner = Spawner(self._work / "tmp", self._registry)
        self._log: dict[str, FunctionLog] = {}
        self._sampler = Sampler()
        self._starting: set[asyncio.Task[None]] = set()

    async def clean(self) -> None:
        """Clean up after an emulator that was killed."""
        await asyncio.to_thread(self._registry.clean)
        for left in (self._work / "tmp").iterdir():
            shutil.rmtree(left, ignore_errors=True)

    def start(self, pool: Pool) -> Process:
        """Begin a process of a pool; it reports there once it is ready, or gone."""
        function = pool.function
        output = Output(self._log_of(function.name))
        options = self._options
        terms = Terms(self._sampler, options.clock, options.stop_s, debugged=function.name in options.debug)
        process = Process(function, pool, output, terms)
        task = asyncio.get_running_loop().create_task(self._launch(process, output))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)
        return process

    def forget(self, name: str) -> None:
        """A function has new code, or is gone: its next process finds no file of an earlier one."""
        self._spawner.forget(name)

    async def stop(self, until_gone: Awaitable[None]) -> None:
        """Wait for the processes, then end what they left behind and write the last lines."""
        await until_gone
        for task in self._starting:
            task.cancel()
        await self._spawner.sweep()
        for name, each in self._log.items():
            each.flush()
            self._spawner.forget(name)

    def _log_of(self, name: str) -> FunctionLog:
        if name not in self._log:
            self._log[name] = FunctionLog(name, self._logs, self._options.on_log)
        return self._log[name]

    async def _launch(self, process: Process, output: Output) -> None:
        function = process.function
        birth = Birth(
            function,
            tmp=self._spawner.tmp(function),
            output=output,
            on_exit=process.exited,
            keep=lambda: not (process.doomed or process.retired),
            debug_port=self._options.debug.get(function.name, 0),
        )
        try:
            server = await asyncio.get_running_loop().create_server(lambda: Exchange(process), "127.0.0.1", 0)
            birth.servers.append(server)
            birth.variables = self._variables(birth, server.sockets[0].getsockname()[1])
            process.spawned(await self._spawner.spawn(birth))
        except Exception as refused:  # noqa: BLE001 - whatever it is, the event must not wait for ever
            log.error("a process of %s did not start: %s", function.name, refused)
            self._spawner.ended(birth, _NOT_EXECUTABLE if isinstance(refused, PermissionError) else _NOT_FOUND)

    def _variables(self, birth: Birth, port: int) -> dict[str, str]:
        return environment.build(
            birth.function,
            self._options.around,
            api=f"127.0.0.1:{port}",
            stream=environment.log_stream(datetime.fromtimestamp(time.time(), UTC), birth.function.version),
            tmp=birth.tmp,
        )
