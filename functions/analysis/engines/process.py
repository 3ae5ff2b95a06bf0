"""The parent's side of the child: start it, ask it, and say why it died."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import IO, Self

from functions.analysis.engines import frames
from functions.analysis.engines.limits import Limits

_START_S = 30.0
_ENGINES = "functions.analysis.engines.request"
_OUT_OF_MEMORY = 77
_CRASHES = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS}
_PASSED_ON = ("LD_LIBRARY_PATH", "TMPDIR")


class Died(Exception):
    """The child did not answer; `reason` is a code of `text.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unavailable(Exception):
    """The child cannot be started."""


@dataclass(slots=True)
class Child:
    """One process, its pipes and what it wrote to stderr."""

    process: subprocess.Popen[bytes]
    errors: IO[bytes]
    limits: Limits

    @classmethod
    def start(cls, limits: Limits, serving: str = _ENGINES) -> Self:
        """Start a child that answers with what the module `serving` says. Raises Unavailable."""
        errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `stop`)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "functions.analysis.engines.child", json.dumps(asdict(limits)), serving],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(),
            start_new_session=True,
        )
        child = cls(process, errors, limits)
        for pipe in child._pipes():
            os.set_blocking(pipe, False)
        try:
            frames.receive(child._pipes()[1], 100, time.monotonic() + _START_S)
        except (frames.Late, frames.Closed, frames.TooLong) as failed:
            said = child.stop()
            raise Unavailable(said.decode(errors="replace")[-500:] or "the engines did not start") from failed
        return child

    def ask(self, header: bytes, body: bytes, wall_s: float) -> bytes:
        """Raises Died; the child is gone then."""
        deadline = time.monotonic() + wall_s
        requests, answers = self._pipes()
        try:
            frames.send(requests, header, deadline)
            frames.send(requests, body, deadline)
            return frames.receive(answers, self.limits.output_bytes, deadline)
        except frames.Late as late:
            self.stop()
            raise Died("timeout") from late
        except frames.TooLong as long:
            self.stop()
            raise Died("output") from long
        except frames.Closed as closed:
            raise Died(self._cause()) from closed

    def stop(self) -> bytes:
        """Kill the child with what it started; return the end of its stderr."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            _close(pipe)
        if self.errors.closed:
            return b""
        with self.errors:
            self.errors.seek(max(self.errors.seek(0, os.SEEK_END) - 2_000, 0))
            return self.errors.read()

    def _pipes(self) -> tuple[int, int]:
        assert self.process.stdin is not None, "a pipe"
        assert self.process.stdout is not None, "a pipe"
        return self.process.stdin.fileno(), self.process.stdout.fileno()

    def _cause(self) -> str:
        status, peak_bytes = self._reap()
        said = self.stop()
        if status == _OUT_OF_MEMORY or b"MemoryError" in said or b"allocat" in said:
            return "memory"
        if status in _CRASHES and peak_bytes > self.limits.memory_bytes // 2:
            return "memory"  # a parser in C that was refused memory
        return "timeout" if status == -signal.SIGXCPU else "crash"

    def _reap(self) -> tuple[int, int]:
        """Wait for the end; return the exit status and the most memory that was resident."""
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return self.process.returncode, usage.ru_maxrss * 1024


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError):
            pipe.close()


def _environment() -> dict[str, str]:
    """Only what Python needs to start: no credentials, no configuration."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}  # noqa: TID251 (not settings)
    return passed | {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
