"""Function logs: what a process prints, tied to the invocation it was printed in."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MAX_FILE_BYTES = 5 * 1024 * 1024
_FLUSH_S = 0.2
_MAX_PENDING = 1024 * 1024
_READ_BYTES = 65_536
_READS = 32
"""So much is taken at once; then others have their turn, however much a process prints."""


@dataclass(slots=True)
class LogRecord:
    """One message; `time` is in seconds since 1970. `request_id` is empty outside an invocation.

    Never changed, but there are three in every invocation, and a frozen one takes three times as long to make.
    """

    function: str
    request_id: str
    time: float
    text: str


OnLog = Callable[[LogRecord], None]


class Clock(Protocol):
    def __call__(self) -> float: ...


class FunctionLog:
    """The log of one function: a file of bounded size, and whoever listens."""

    def __init__(self, name: str, folder: Path, on_log: OnLog | None = None, now: Clock = time.time) -> None:
        self._name = name
        self._path = folder / f"{name}.log"
        self._on_log = on_log
        self._now = now
        self._pending: list[str] = []
        self._pending_size = 0
        self._flusher: asyncio.TimerHandle | None = None
        self._second: tuple[int, str] = (0, "")

    def write(self, request_id: str, text: str) -> None:
        """Take one message; the file follows within a fraction of a second."""
        now = self._now()
        line = f"{self._stamp(now)}\t{text}\n"
        self._pending.append(line)
        self._pending_size += len(line)
        if self._on_log is not None:
            self._on_log(LogRecord(self._name, request_id, now, text))
        if self._pending_size > _MAX_PENDING:
            self.flush()
        elif self._flusher is None:
            self._flusher = asyncio.get_running_loop().call_later(_FLUSH_S, self.flush)

    def flush(self) -> None:
        """Write what is pending. A full disk costs log lines, never an invocation."""
        if self._flusher is not None:
            self._flusher.cancel()
            self._flusher = None
        text, self._pending, self._pending_size = "".join(self._pending), [], 0
        with contextlib.suppress(OSError):
            if text:
                self._append(text.encode("utf-8", "replace"))

    def _append(self, data: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(data)
            size = file.tell()
        if size > MAX_FILE_BYTES:
            self._path.replace(self._path.with_suffix(".log.1"))

    def _stamp(self, now: float) -> str:
        second = int(now)
        if self._second[0] != second:
            self._second = (second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)))
        return f"{self._second[1]}.{int((now - second) * 1000):03d}Z"


class Pipe:
    """The reading end of something a process writes to. `take` gets what is there now, without waiting."""

    def __init__(self, on_data: Callable[[bytes], None]) -> None:
        self._on_data = on_data
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)
        asyncio.get_running_loop().add_reader(self.reading, self.take)

    def take(self) -> None:
        """Hand on everything that was written so far."""
        for _ in range(_READS):
            if self.reading < 0:
                return
            try:
                data = os.read(self.reading, _READ_BYTES)
            except BlockingIOError:
                return
            if not data:
                self.close()
                return
            self._on_data(data)
            if len(data) < _READ_BYTES:
                return

    def started(self) -> None:
        """The process has its copy of the writing end; ours goes, so that its death is the end of the pipe."""
        if self.writing >= 0:
            os.close(self.writing)
            self.writing = -1

    def close(self) -> None:
        if self.reading >= 0:
            asyncio.get_running_loop().remove_reader(self.reading)
            os.close(self.reading)
            self.reading = -1
        self.started()
