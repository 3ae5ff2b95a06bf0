"""One reader of what happens now: it never holds up what it watches."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

from emulator.console.ring import Entry, Line

Happened = Entry | Line
MAX_WAITING = 500


class Watch:
    """What the reader is too slow for is dropped and counted."""

    def __init__(self, among: set[Watch]) -> None:
        self._among = among
        self._waiting: deque[Happened] = deque()
        self._dropped = 0
        self._some = asyncio.Event()

    def __enter__(self) -> Self:
        self._among.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._among.discard(self)

    def put(self, happened: Happened) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self._dropped += 1
            return
        self._waiting.append(happened)
        if not self._some.is_set():
            self._some.set()

    async def take(self) -> tuple[list[Happened], int]:
        """Wait for something; return all of it, and how much was dropped before this."""
        await self._some.wait()
        found, dropped = list(self._waiting), self._dropped
        self._waiting.clear()
        self._dropped = 0
        self._some.clear()
        return found, dropped
