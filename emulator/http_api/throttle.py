"""Token buckets of routes that declare a rate."""

from __future__ import annotations

from emulator.clock import Clock
from emulator.template.http_model import Throttle


class Bucket:
    """Full at first; refills with the emulator's clock."""

    __slots__ = ("_clock", "_filled", "_limit", "_tokens")

    def __init__(self, limit: Throttle, clock: Clock) -> None:
        self._limit, self._clock = limit, clock
        self._tokens, self._filled = float(limit.burst), clock.now()

    def take(self) -> bool:
        """Take one token, if there is one."""
        now = self._clock.now()
        gained = max(0.0, now - self._filled) * self._limit.rate
        self._tokens, self._filled = min(float(self._limit.burst), self._tokens + gained), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
