"""Starts and ends the operating system's side of a function process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import DEVNULL
from typing import cast

from emulator.runtime import launcher
from emulator.runtime.output import Output
from emulator.runtime.survivors import Registry
from emulator.template import Function

LAUNCHER = launcher.__file__
_SAMPLE_S = 1.0


class Child:
    """A running child, leader of its own process group: what it started goes with it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._sampled, self._peak_mb = 0.0, 0

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def peak_mb(self) -> int:
        """Return the largest resident size so far, in MB, at most a second old; 0 where it is not known."""
        now = time.monotonic()
        if now - self._sampled > _SAMPLE_S:
            self._sampled = now
            with contextlib.suppress(OSError, ValueError, IndexError):
                status = Path(f"/proc/{self.pid}/status").read_text()
                self._peak_mb = int(status.partition("VmHWM:")[2].split()[0]) // 1024
        return self._peak_mb

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


class Spawner:
    """Starts children in folders of the emulator's own, and remembers them across its death."""

    def __init__(self, folder: Path, registry: Registry) -> None:
        self._tmp = folder
        self._registry = registry

    def tmp(self, function: Function) -> Path:
        """Make a private folder for a process's temporary files."""
        return Path(tempfile.mkdtemp(prefix=f"{function.name[:40]}-", dir=self._tmp))

    async def spawn(
        self,
        function: Function,
        environment: dict[str, str],
        *,
        output: Output,
        on_exit: Callable[[int | None], None],
    ) -> Child:
        """Start a child.

        Raises:
            OSError: the machine cannot start it, or the task root is missing.
        """
        known: list[int] = []
        transport, _ = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Watch(lambda status: self._ended(known, environment, status, on_exit)),
            *(sys.executable, "-P", LAUNCHER, str(os.getpid()), function.handler),
            stdin=DEVNULL,
            stdout=output.printed.writing,
            stderr=output.printed.writing,
            env=environment | {"_LAMBDA_TELEMETRY_LOG_FD": str(output.framed.writing)},
            cwd=function.task_root,
            start_new_session=True,
            pass_fds=(output.framed.writing,),
        )
        pid = transport.get_pid()
        assert pid is not None, "a started process has a pid"
        known.append(pid)
        self._registry.remember(pid, environment["AWS_LAMBDA_LOG_STREAM_NAME"])
        output.started()
        return Child(pid)

    def _ended(
        self, known: list[int], environment: dict[str, str], status: int | None, on_exit: Callable[[int | None], None]
    ) -> None:
        """End what the child left behind, and only then tell."""
        for pid in known:
            Child(pid).kill()
            self._registry.forget(pid)
        shutil.rmtree(environment["TMPDIR"], ignore_errors=True)
        on_exit(status)
