"""Keeps one service running: starts it, waits until it answers, starts it again when it dies, within bounds."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from emulator.services import ports, process
from emulator.services.errors import NotReady, ServiceError, ServiceMissing, StartFailed
from emulator.services.pids import Pids
from emulator.services.process import Command
from emulator.services.server import Server

_STOP_GRACE_S = 2.5
_RESTARTS = 5  # within _WINDOW_S; then the service is failed
_WINDOW_S = 60.0
_BACK_OFF_S = (0.05, 0.2, 0.5, 1.0, 2.0)
_LOG_TAIL_BYTES = 600


class Status(StrEnum):
    """Where a service stands."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    FAILED = "failed"
    STOPPED = "stopped"
    GIVEN = "given"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class State:
    """What `coderev status` shows of a service."""

    name: str
    status: Status
    pid: int | None = None
    port: int | None = None
    ready_s: float | None = None
    rss_bytes: int = 0
    restarts: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A service by name, and how it is built for a port."""

    name: str
    build: Callable[[int], Server]
    ready_within_s: float = 60.0
    essential: bool = True


class Keeper:
    """Owns one child. Its thread starts the child and waits for it, so the child never outlives its starter."""

    def __init__(self, plan: Plan, *, port: int, logs: Path, pids: Pids, move: Callable[[], int]) -> None:
        self.plan = plan
        self.port = port
        self.server = plan.build(port)
        self._log = logs / f"{plan.name}.log"
        self._pids = pids
        self._move = move
        self._status = Status.STARTING
        self._reason = ""
        self._error: ServiceMissing | None = None
        self._ready_s: float | None = None
        self._restarts: deque[float] = deque(maxlen=_RESTARTS)
        self._restart_count = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._known = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"keeper-{plan.name}", daemon=True)
        self.on_failure: Callable[[State], None] = lambda state: None
        self.on_restart: Callable[[State], None] = lambda state: None

    def start(self) -> None:
        self._thread.start()

    def wait(self) -> None:
        """Return when the service is ready.

        Raises:
            StartFailed: it is not going to be; the text has the end of its log.
        """
        self._known.wait()
        if self.failed:
            raise self._error or StartFailed(f"{self.plan.name} did not start: {self._reason}")

    def stop(self) -> None:
        """Stop the child and the thread; at most about three seconds."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        if self._status is not Status.FAILED:
            self._status = Status.STOPPED

    @property
    def failed(self) -> bool:
        """Whether it has been given up."""
        return self._status is Status.FAILED

    @property
    def state(self) -> State:
        pid = self._child.pid if self._child and self._child.returncode is None else None
        return State(
            name=self.plan.name,
            status=self._status,
            pid=pid,
            port=self.port,
            ready_s=self._ready_s,
            rss_bytes=process.memory_bytes(pid) if pid else 0,
            restarts=self._restart_count,
            reason=self._reason,
        )

    def _keep(self) -> None:
        try:
            self.server.prepare()
            while not self._stopping.is_set():
                self._run_once()
                if not self._stopping.is_set():
                    self._back_off()
        except ServiceMissing as missing:
            self._error = missing
            self._fail(str(missing))
        except (ServiceError, OSError) as failed:
            self._fail(str(failed))
        finally:
            if not self._stopping.is_set() and self._status is not Status.FAILED:
                self._fail("unexpected error")  # its traceback is on its way; whoever waits must not hang
            self._known.set()

    def _run_once(self) -> None:
        """Run one child from its start to its end."""
        command = self.server.command()
        began = time.monotonic()
        self._child = process.spawn(command, self._log)
        self._pids.add(self.plan.name, self._child.pid, command)
        try:
            if self._answers(self._child, began + self.plan.ready_within_s):
                self.server.settle()
                self._be_ready(time.monotonic() - began)
                self._watch(self._child)
        finally:
            self._end(self._child, command)

    def _answers(self, child: subprocess.Popen[bytes], deadline: float) -> bool:
        while not self._stopping.is_set() and child.poll() is None:
            try:
                self.server.probe()
                if not self.port or process.listens(child.pid, self.port):
                    return True
                raise NotReady(f"another process answers on port {self.port}")
            except NotReady as waiting:
                if not process.until(deadline):
                    raise StartFailed(f"no answer within {self.plan.ready_within_s:.0f} s ({waiting})") from waiting
        return False

    def _be_ready(self, took_s: float) -> None:
        again = self._ready_s is not None
        self._ready_s = self._ready_s or took_s
        self._status, self._reason = Status.READY, ""
        self._known.set()
        if again:
            self.on_restart(self.state)

    def _watch(self, child: subprocess.Popen[bytes]) -> None:
        while child.poll() is None and not self._stopping.wait(0.1):
            continue

    def _end(self, child: subprocess.Popen[bytes], command: Command) -> None:
        if child.poll() is None:
            process.stop(child, command, grace_s=_STOP_GRACE_S)

    def _back_off(self) -> None:
        """Choose what follows an unexpected end of the child."""
        if self._ready_s is None and not ports.is_free(self.port):
            self.port = self._move()
            self.server = self.plan.build(self.port)
        now = time.monotonic()
        if len(self._restarts) == _RESTARTS and now - self._restarts[0] < _WINDOW_S:
            raise StartFailed(f"it ended {_RESTARTS + 1} times within a minute: {self._log_tail()}")
        recent = sum(now - then < _WINDOW_S for then in self._restarts)
        self._restarts.append(now)
        self._restart_count += 1
        self._status, self._reason = Status.RESTARTING, self._log_tail()
        self._stopping.wait(_BACK_OFF_S[recent])
        self.server.prepare()

    def _log_tail(self) -> str:
        content = self._log.read_bytes()[-_LOG_TAIL_BYTES:] if self._log.exists() else b""
        return content.decode(errors="replace").strip()

    def _fail(self, reason: str) -> None:
        self._status, self._reason = Status.FAILED, reason
        self.on_failure(self.state)
