"""A child process that ends with us: start, measure, stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from emulator.services import launch

ROOT = Path(__file__).parents[2]
_LAUNCHER = (sys.executable, "-I", "-S", launch.__file__)
_LOG_LIMIT_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, as whom, and how it is asked to stop."""

    argv: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    user: str | None = None
    stop: signal.Signals = signal.SIGTERM
    kill: signal.Signals = signal.SIGKILL


def python(module: str) -> tuple[str, ...]:
    """The command of one of our own child modules; they live in the repository."""
    return (sys.executable, "-m", module)


def _launched(command: Command) -> list[str]:
    return [*_LAUNCHER, str(os.getpid()), str(int(command.stop)), command.user or "-", *command.argv]


def run(command: Command) -> subprocess.CompletedProcess[str]:
    """Run `command` to its end and return what it said."""
    return subprocess.run(
        _launched(command),
        cwd=command.folder,
        env=_environment(command),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def spawn(command: Command, log: Path) -> subprocess.Popen[bytes]:
    """Start `command`; its output goes to `log`.

    The calling thread must outlive the child: Linux ends the child with the thread that started it.
    """
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            _launched(command),
            cwd=command.folder,
            env=_environment(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C in the terminal is for us alone
        )


def _environment(command: Command) -> dict[str, str]:
    plain = {"PATH": os.defpath, "HOME": str(command.folder), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    return plain | dict(command.environment)


def stop(child: subprocess.Popen[bytes], command: Command, *, grace_s: float) -> None:
    """Ask the child to stop; after `grace_s` seconds end it and its process group."""
    child.send_signal(command.stop)
    try:
        child.wait(grace_s)
    except subprocess.TimeoutExpired:
        child.send_signal(command.kill)
        with suppress(subprocess.TimeoutExpired):
            child.wait(1.0)
            return
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def end(process: psutil.Process, *, gentle: signal.Signals, grace_s: float) -> None:
    """Stop a process that is not our child."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(gentle)
        try:
            process.wait(grace_s)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(grace_s)


def listens(pid: int, port: int) -> bool:
    """Whether a process, or one that it started, listens on `port`; True where the system does not tell."""
    try:
        found = psutil.Process(pid)
        family = [found, *found.children(recursive=True)]
        return any(
            each.status == psutil.CONN_LISTEN and each.laddr.port == port
            for member in family
            for each in member.net_connections("tcp")
        )
    except psutil.AccessDenied:
        return True
    except psutil.NoSuchProcess:
        return False


def memory_bytes(pid: int) -> int:
    """Memory of a process and its descendants; what they share is counted once where the system can tell."""
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        return sum(_own_bytes(process) for process in [root, *root.children(recursive=True)])
    return 0


def _own_bytes(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        full = process.memory_full_info()
        return int(getattr(full, "pss", 0) or full.rss)
    return 0


def until(deadline: float, pause_s: float = 0.01) -> bool:
    """Wait a moment; False when `deadline` (monotonic seconds) has passed."""
    if time.monotonic() >= deadline:
        return False
    time.sleep(pause_s)
    return True
