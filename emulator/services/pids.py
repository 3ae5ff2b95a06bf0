"""The children of this run on disk, so that the next run can end what a killed one left behind."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from emulator.services import files, process

_CLOCK_SLACK_S = 2.0  # start times are derived from the boot time, which clock corrections move


class Pids:
    """`pids.json`: name to process id, start time and command. It exists only between start and clean stop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.unclean = path.exists()

    def add(self, name: str, pid: int, command: process.Command) -> None:
        with suppress(psutil.NoSuchProcess), self._lock:
            entry = {
                "pid": pid,
                "started": psutil.Process(pid).create_time(),
                "argv": list(command.argv),
                "stop": int(command.stop),
            }
            files.write(self._path, json.dumps(files.read_json(self._path) | {name: entry}))

    def begin(self) -> None:
        """Mark the folder as in use."""
        files.write(self._path, "{}")

    def clear(self) -> None:
        """Everything has stopped."""
        self._path.unlink(missing_ok=True)

    def end_survivors(self, *, grace_s: float = 3.0) -> list[str]:
        """End what an earlier run left; return the names. A foreign process is never touched."""
        ended = []
        for name, survivor, gentle in self._survivors():
            process.end(survivor, gentle=gentle, grace_s=grace_s)
            ended.append(name)
        return ended

    def _survivors(self) -> Iterator[tuple[str, psutil.Process, signal.Signals]]:
        for name, entry in files.read_json(self._path).items():
            with suppress(psutil.Error, KeyError, TypeError):
                found = psutil.Process(entry["pid"])
                ours = found.cmdline()[-len(entry["argv"]) :] == entry["argv"]
                if ours and abs(found.create_time() - entry["started"]) <= _CLOCK_SLACK_S:
                    yield name, found, signal.Signals(entry["stop"])
