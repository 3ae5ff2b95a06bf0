"""Faults of a Kafka source on demand: what a broker or a producer may do to a function one day, now."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class _Wanted:
    duplicates: int = 0
    swaps: int = 0
    late_s: float = 0.0
    poison: bytes | None = None
    lost_until: float = 0.0


class KafkaFaults:
    """Set from anywhere while the source runs, taken by its lanes and its poller. All of them end by themselves."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wanted = _Wanted()
        self._now = monotonic

    def duplicate(self, batches: int = 1) -> None:
        """Deliver the next batches twice, as when a commit was lost."""
        self._wanted.duplicates = batches

    def reorder(self, batches: int = 1) -> None:
        """Let the batch of one partition wait until one of another was delivered; order within each stays."""
        self._wanted.swaps = batches

    def late(self, seconds: float) -> None:
        """Hold the next batch back for so long."""
        self._wanted.late_s = seconds

    def poison(self, value: bytes = b"\x00\xffnot what you expect") -> None:
        """Write one record into the topic that no producer of yours would, with the next batch."""
        self._wanted.poison = value

    def lose_broker(self, seconds: float) -> None:
        """Do not reach the broker for so long."""
        self._wanted.lost_until = self._now() + seconds

    def clear(self) -> None:
        """End all faults."""
        self._wanted = _Wanted()

    @property
    def state(self) -> dict[str, Any]:
        """Return the faults that are still to come."""
        wanted = self._wanted
        return {
            "duplicates": wanted.duplicates,
            "reorders": wanted.swaps,
            "late_s": wanted.late_s,
            "poison": wanted.poison is not None,
            "broker_lost_s": self.broker_lost_s,
        }

    @property
    def broker_lost_s(self) -> float:
        """Return for how long the broker is still out of reach."""
        return max(0.0, self._wanted.lost_until - self._now())

    def take_duplicate(self) -> bool:
        """Tell whether a batch is to be delivered twice; each is told of once."""
        wanted = self._wanted.duplicates > 0
        self._wanted.duplicates -= wanted
        return wanted

    def take_swap(self) -> bool:
        wanted = self._wanted.swaps > 0
        self._wanted.swaps -= wanted
        return wanted

    def take_late_s(self) -> float:
        seconds, self._wanted.late_s = self._wanted.late_s, 0.0
        return seconds

    def take_poison(self) -> bytes | None:
        value, self._wanted.poison = self._wanted.poison, None
        return value


class Turns:
    """Lets the batch of one partition wait for one of another."""

    def __init__(self) -> None:
        self._waiting: dict[int, asyncio.Event] = {}

    async def other(self, partition: int, seconds: float) -> None:
        """Wait until another partition was delivered, but not longer than so many seconds."""
        turn = self._waiting[partition] = asyncio.Event()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await turn.wait()
        self._waiting.pop(partition, None)

    def delivered(self, partition: int) -> None:
        for number, turn in self._waiting.items():
            if number != partition:
                turn.set()
