"""Ctrl-C and SIGTERM: the first one stops everything in order, the second one ends it at once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
FORCED = 130


class Stopped(BaseException):
    """A signal came while nothing listened to `Stopping.event`."""


class Stopping:
    """Install once, in the main thread."""

    def __init__(self) -> None:
        self.asked = False
        self.event = asyncio.Event()
        self._cleaning = False
        for number in _SIGNALS:
            signal.signal(number, self._outside_loop)

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """From here on the first signal sets `event`."""
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._in_loop)

    def clean_up(self) -> None:
        """From here on a signal no longer interrupts, because everything is being stopped already."""
        self._cleaning = True
        for number in _SIGNALS:
            signal.signal(number, self._outside_loop)

    def _in_loop(self) -> None:
        self._count()
        self.event.set()

    def _outside_loop(self, number: int, frame: FrameType | None) -> None:
        self._count()
        if not self._cleaning:
            raise Stopped

    def _count(self) -> None:
        if self.asked:
            os._exit(FORCED)  # children die with us, the next start clears up
        self.asked = True
        print("\nStopping (once more to force it) …", file=sys.stderr, flush=True)
