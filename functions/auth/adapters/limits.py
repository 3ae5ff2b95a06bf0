"""Counts of tries: in Redis, and in this process while Redis is down.

Failing closed would let whoever stops Redis lock everybody out; failing open would invite guessing. So each
process then counts for itself, and an attacker gets at most that many times more tries.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from functions.auth.adapters.resp import Resp
from functions.auth.model.limits import Limit
from kernel import observe
from kernel.errors import TooMany, Unavailable

MOST_COUNTERS = 20_000
_CLAIM = """\
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i - 1]) then
    return math.max(redis.call('TTL', key), 1)
  end
end
for i, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('EXPIRE', key, ARGV[2 * i]) end
end
return 0"""
_GIVE_BACK = """\
for _, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
end
return 0"""


@dataclass(slots=True)
class LocalCounts:
    """Counters of this process alone."""

    clock: Callable[[], float] = time.monotonic
    _counts: dict[str, tuple[int, float]] = field(default_factory=dict)

    def claim(self, limits: Sequence[Limit]) -> int:
        """Return 0, or the seconds until a spent limit is free again."""
        now = self.clock()
        for limit in limits:
            count, until = self._get(limit.key, now)
            if count >= limit.most:
                return max(1, int(until - now))
        for limit in limits:
            count, until = self._get(limit.key, now)
            self._counts[limit.key] = (count + 1, until or now + limit.window_s)
        self._bound(now)
        return 0

    def give_back(self, limits: Sequence[Limit]) -> None:
        for limit in limits:
            count, until = self._get(limit.key, self.clock())
            if count:
                self._counts[limit.key] = (count - 1, until)

    def _get(self, key: str, now: float) -> tuple[int, float]:
        count, until = self._counts.get(key, (0, 0.0))
        return (count, until) if until > now else (0, 0.0)

    def _bound(self, now: float) -> None:
        if len(self._counts) > MOST_COUNTERS:
            self._counts = {key: value for key, value in self._counts.items() if value[1] > now}
            for key in list(self._counts)[: max(0, len(self._counts) - MOST_COUNTERS)]:
                del self._counts[key]


@dataclass(frozen=True, slots=True)
class RedisLimits:
    """`ports.Limits`."""

    redis: Resp
    local: LocalCounts = field(default_factory=LocalCounts)

    def claim(self, limits: Sequence[Limit]) -> None:
        bounds = [word for limit in limits for word in (limit.most, limit.window_s)]
        try:
            wait_s = self.redis.run("EVAL", _CLAIM, len(limits), *(limit.key for limit in limits), *bounds)
        except Unavailable:
            observe.log.warning("counting tries in this process only")
            wait_s = self.local.claim(limits)
        if wait_s:
            raise TooMany("too many tries", retry_after_s=int(wait_s))

    def give_back(self, limits: Sequence[Limit]) -> None:
        try:
            self.redis.run("EVAL", _GIVE_BACK, len(limits), *(limit.key for limit in limits))
        except Unavailable:
            self.local.give_back(limits)
