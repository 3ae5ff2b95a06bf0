"""Finds function processes that outlived an emulator that was killed, and ends those and no others."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
from collections.abc import Collection
from pathlib import Path

import psutil

from emulator.runtime.environment import MARK
from emulator.runtime.proctree import carrying

log = logging.getLogger(__name__)


class Registry:
    """A small file for each running process: its pid and the log stream that marks it as ours."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def remember(self, pid: int, stream: str) -> None:
        started = 0.0
        with contextlib.suppress(psutil.Error):
            started = psutil.Process(pid).create_time()
        document = {"pid": pid, "stream": stream, "started": started}
        (self._folder / str(pid)).write_text(json.dumps(document))

    def forget(self, pid: int) -> None:
        (self._folder / str(pid)).unlink(missing_ok=True)

    def sweep(self, streams: Collection[str]) -> int:
        """Kill what processes left behind that have ended; return how many that were.

        What a function started in a session of its own is in no group of ours, but has its environment.
        """
        left = carrying([f"{MARK}={stream}\0".encode() for stream in streams])
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        return len(left)

    def clean(self) -> int:
        """Kill what is left of an earlier emulator; return how many processes that were.

        A process is ours only if it is in the recorded group, started no earlier than recorded, and
        carries the recorded log stream in its environment: a reused pid never matches.
        """
        killed = 0
        for file in self._folder.iterdir():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                record = json.loads(file.read_text())
                for pid in _group(record["pid"], record["stream"], record["started"]):
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, signal.SIGKILL)
                        killed += 1
            file.unlink(missing_ok=True)
        if killed:
            log.warning("ended %s processes of an earlier run", killed)
        return killed


def _group(leader: int, stream: str, started: float) -> list[int]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getpgid(process.pid) != leader or process.create_time() < started - 1.0:
                continue
            if process.environ().get(MARK) == stream:
                found.append(process.pid)
    return found
