"""Finds the function processes that pass the memory of their function.

A limit on address space (`RLIMIT_AS`) kills healthy processes, which reserve far more than they touch. So what
counts is anonymous memory, sampled while an event runs; pages of mapped files can be dropped by the kernel and
are no reason to kill. The launcher sets a generous `RLIMIT_DATA` beside it, for what outruns the samples.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from emulator.runtime.footprint import Footprint
from emulator.runtime.proctree import descendants, table

TICK_S = 0.02
_TREE_S = 0.25
MB = 1024 * 1024


class Watched(Protocol):
    """A process that runs an event or loads its handler."""

    @property
    def footprint(self) -> Footprint | None: ...

    @property
    def limit_bytes(self) -> int: ...

    def on_out_of_memory(self) -> None:
        """It holds more than its limit."""
        ...


class Sampler:
    """Looks 50 times a second at whoever is busy, and not at all when nobody is."""

    def __init__(self) -> None:
        self._watched: dict[Watched, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._tree_at = 0.0

    def watch(self, process: Watched) -> None:
        self._watched[process] = time.monotonic()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TICK_S, self._tick)

    def release(self, process: Watched) -> None:
        self._watched.pop(process, None)

    def _tick(self) -> None:
        self._timer = None
        if not self._watched:
            return
        now = time.monotonic()
        if now - self._tree_at > _TREE_S:
            self._count_children(now)
        for process in list(self._watched):
            footprint = process.footprint
            if footprint is not None and footprint.now() > process.limit_bytes:
                self.release(process)
                process.on_out_of_memory()
        self._timer = asyncio.get_running_loop().call_later(TICK_S, self._tick)

    def _count_children(self, now: float) -> None:
        """Only for what runs for a while: a pass over all processes is not for free."""
        long = [process.footprint for process, since in self._watched.items() if now - since > _TREE_S / 2]
        self._tree_at = now
        children = table() if long else {}
        for footprint in long:
            if footprint is not None:
                footprint.count(descendants(footprint.pid, children))
