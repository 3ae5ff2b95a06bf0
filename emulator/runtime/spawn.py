"""Starts and ends the operating system's side of a function process.

Each process is a new interpreter: 55 ms to the first event, 6.7 MB of its own. Forks of a process that has loaded
`awslambdaric` would take 10 ms and 3 MB, but then variables that the loader and the interpreter read when they
start (`LD_LIBRARY_PATH`, `PYTHON*`) would come too late, and what escapes from such a process could not be known
by its environment. Loading a function of ours takes 400 ms, so that is where time goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from typing import cast

from emulator.runtime import environment, launcher
from emulator.runtime.footprint import Footprint
from emulator.runtime.output import Output
from emulator.runtime.survivors import Registry
from emulator.template import Function

LAUNCHER = launcher.__file__
_MB = 1024 * 1024
_SWEEP_S = 0.1


class Child:
    """A running child, leader of its own process group: what it started goes with it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.footprint = Footprint(pid)
        self._patience: asyncio.TimerHandle | None = None

    def terminate(self, patience_s: float) -> None:
        """Send SIGTERM, and SIGKILL to what is still there after `patience_s`."""
        self._signal(signal.SIGTERM)
        if self._patience is None:
            self._patience = asyncio.get_running_loop().call_later(patience_s, self.kill)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def ended(self) -> None:
        """It is gone: end what is left of its group, and look at the pid no more."""
        self.kill()
        self.footprint.close()
        if self._patience is not None:
            self._patience.cancel()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


class _Watch(asyncio.SubprocessProtocol):
    """Tells when the child has ended."""

    def __init__(self, on_exit: Callable[[int | None], None]) -> None:
        self._on_exit = on_exit
        self._transport: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)

    def process_exited(self) -> None:
        assert self._transport is not None, "a process exits after it started"
        self._on_exit(self._transport.get_returncode())
        self._transport.close()


@dataclass(slots=True)
class Birth:
    """What a child starts with. `keep` tells, when it has ended, whether the next one gets its folder `tmp`."""

    function: Function
    tmp: Path
    output: Output
    on_exit: Callable[[int | None], None]
    keep: Callable[[], bool]
    debug_port: int = 0
    variables: dict[str, str] = field(default_factory=dict)
    servers: list[asyncio.Server] = field(default_factory=list)
    child: Child | None = None


class Spawner:
    """Starts children in folders of the emulator's own, and remembers them across its death."""

    def __init__(self, folder: Path, registry: Registry) -> None:
        self._folder = folder
        self._registry = registry
        self._kept: dict[str, list[Path]] = {}
        self._ended_streams: set[str] = set()
        self._sweeping: asyncio.TimerHandle | None = None

    def tmp(self, function: Function) -> Path:
        """Return a private folder for a process's temporary files.

        After a timeout or a crash it is that of the process before: on AWS `/tmp` lives as long as the
        environment, which only gets a new process.
        """
        kept = self._kept.get(function.name)
        return kept.pop() if kept else Path(tempfile.mkdtemp(prefix=f"{function.name[:40]}-", dir=self._folder))

    def forget(self, name: str) -> None:
        """Remove the folders that wait for the next process of a function."""
        for folder in self._kept.pop(name, []):
            shutil.rmtree(folder, ignore_errors=True)

    async def spawn(self, birth: Birth) -> Child:
        """Start a child.

        Raises:
            OSError: the machine cannot start it, or the task root or the wrapper is missing.
        """
        output = birth.output
        transport, _ = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Watch(lambda status: self.ended(birth, status)),
            *command(birth.function, birth.debug_port),
            stdin=DEVNULL,
            stdout=output.printed.writing,
            stderr=output.printed.writing,
            env=birth.variables | {"_LAMBDA_TELEMETRY_LOG_FD": str(output.framed.writing)},
            cwd=birth.function.task_root,
            start_new_session=True,
            pass_fds=(output.framed.writing,),
        )
        pid = transport.get_pid()
        assert pid is not None, "a started process has a pid"
        birth.child = Child(pid)
        self._registry.remember(pid, birth.variables[environment.MARK])
        output.started()
        return birth.child

    async def sweep(self) -> None:
        """End what ended processes left outside of their groups, now instead of soon."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        streams, self._ended_streams = self._ended_streams, set()
        await asyncio.to_thread(self._registry.sweep, streams)

    def ended(self, birth: Birth, status: int | None) -> None:
        """End what the child left behind, and only then tell."""
        if birth.child is not None:
            birth.child.ended()
            self._registry.forget(birth.child.pid)
            self._ended_streams.add(birth.variables[environment.MARK])
        if birth.keep():
            self._kept.setdefault(birth.function.name, []).append(birth.tmp)
        else:
            shutil.rmtree(birth.tmp, ignore_errors=True)
        if self._sweeping is None and self._ended_streams:
            loop = asyncio.get_running_loop()
            self._sweeping = loop.call_later(_SWEEP_S, lambda: loop.create_task(self.sweep()))
        for server in birth.servers:
            server.close()
        birth.on_exit(status)


def command(function: Function, debug_port: int) -> list[str]:
    """Return the command of a process: the function's wrapper, if it names one, and the launcher.

    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper
    """
    wrapper = function.environment.get("AWS_LAMBDA_EXEC_WRAPPER")
    found = [str(environment.local_path(function, wrapper))] if wrapper else []
    found += [sys.executable, *(("-X", "frozen_modules=off") if debug_port else ()), "-P", LAUNCHER]
    found += ["0" if wrapper else str(os.getpid()), function.handler, str(data_limit_bytes(function))]
    return [*found, str(debug_port), *environment.layer_paths(function)]


def data_limit_bytes(function: Function) -> int:
    """Return what the kernel lets a process reserve at most, far above what the samples let it use."""
    return max(4 * function.memory_mb, function.memory_mb + 4096) * _MB
