"""How much memory one function process and its children hold."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterable

import psutil

from emulator.runtime.proctree import LINUX

_PAGE = os.sysconf("SC_PAGE_SIZE") if LINUX else 4096
_HIGH = re.compile(rb"VmHWM:\s+(\d+)")
_FILES = re.compile(rb"RssFile:\s+(\d+)")
_PRIVATE = re.compile(rb"Private_Dirty:\s+(\d+)")
_STALE_S = 0.1
LONG_MS = 5.0
"""What runs shorter has no time to touch as much as the smallest function may."""


class Footprint:
    """Memory in bytes. Reading `/proc` costs 2 µs for a sample and 8 µs for the kernel's own peak."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._children = self._highest = self._resident = 0
        self._peak, self._peak_at = (0, 0), 0.0
        self._statm, self._status = _opened(pid, "statm"), _opened(pid, "status")

    def now(self) -> int:
        """Return what only this process and its children hold; pages of mapped files do not count."""
        held = self._held() + self._children
        self._highest = max(self._highest, held)
        return held

    def peak(self, after_ms: float) -> tuple[int, int]:
        """Return the largest resident size so far, and how much of it was more than mapped files.

        Args:
            after_ms: How long the event ran. After a short one the last answer does.
        """
        if after_ms > LONG_MS or time.monotonic() - self._peak_at > _STALE_S:
            self._peak_at = time.monotonic()
            self._peak = self._kernel_peak()
        high, held = self._peak
        return max(high, self._resident, self._highest), max(held, self._highest)

    def count(self, children: Iterable[int]) -> None:
        """Take in what the process's children hold now, pages that a fork still shares left out."""
        self._children = sum(_private(pid) for pid in children)

    def close(self) -> None:
        for descriptor in (self._statm, self._status):
            if descriptor >= 0:
                os.close(descriptor)
        self._statm = self._status = -1

    def _held(self) -> int:
        if not LINUX:
            return _resident(self.pid)
        try:
            fields = os.pread(self._statm, 128, 0).split()
            resident = int(fields[1]) * _PAGE
            self._resident = max(self._resident, resident)
            return resident - int(fields[2]) * _PAGE
        except (OSError, ValueError, IndexError):
            return 0

    def _kernel_peak(self) -> tuple[int, int]:
        """Return the high-water mark of the resident size, as Linux keeps it."""
        if not LINUX:
            resident = _resident(self.pid)
            return resident, resident
        try:
            status = os.pread(self._status, 4096, 0)
        except OSError:
            return self._peak
        high = _kilobytes(_HIGH, status)
        return (high, max(0, high - _kilobytes(_FILES, status))) if high else self._peak


def _opened(pid: int, name: str) -> int:
    """Open what the kernel tells of a process; reading an open file again costs a third. Returns -1 if there is none."""
    try:
        return os.open(f"/proc/{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC) if LINUX else -1
    except OSError:
        return -1


def _private(pid: int) -> int:
    if not LINUX:
        return _resident(pid)
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            return _kilobytes(_PRIVATE, file.read())
    except OSError:
        return 0


def _resident(pid: int) -> int:
    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def _kilobytes(field: re.Pattern[bytes], text: bytes) -> int:
    found = field.search(text)
    return int(found[1]) * 1024 if found else 0
