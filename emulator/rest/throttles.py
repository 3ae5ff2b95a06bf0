"""Token buckets and quotas, on the emulator's clock.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from emulator.template.rest_model import MethodThrottle, Quota, Throttle


class Bucket:
    """Full at first; each request takes a token, and `rate` a second flow in until `burst` are there."""

    def __init__(self, throttle: Throttle, now: float) -> None:
        self._throttle, self._tokens, self._at = throttle, float(throttle.burst), now

    def take(self, now: float) -> bool:
        """Take a token if there is one."""
        flown = max(0.0, now - self._at) * self._throttle.rate
        self._tokens, self._at = min(float(self._throttle.burst), self._tokens + flown), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Buckets:
    """One bucket for each of whatever is throttled, made at its first request."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Bucket] = {}

    def take(self, key: tuple[str, ...], throttle: Throttle, now: float) -> bool:
        bucket = self._known.get(key)
        if bucket is None:
            bucket = self._known[key] = Bucket(throttle, now)
        return bucket.take(now)


class Counter:
    """Counts requests against a quota; a new period starts from nothing."""

    def __init__(self, quota: Quota) -> None:
        self._quota, self._period, self.used = quota, "", 0

    def take(self, now: float) -> bool:
        """Count a request unless the quota is used up."""
        period = period_of(self._quota, now)
        if period != self._period:
            self._period, self.used = period, 0
        if self.used >= self._quota.limit:
            return False
        self.used += 1
        return True


def period_of(quota: Quota, now: float) -> str:
    """Return the first day of the period: the day itself, its week's Sunday or its month's first, moved by the offset."""
    day = datetime.fromtimestamp(now, UTC).date()
    if quota.period == "DAY":
        return day.isoformat()
    moved = day - timedelta(days=quota.offset)
    if quota.period == "WEEK":
        return (moved - timedelta(days=(moved.weekday() + 1) % 7)).isoformat()
    return moved.replace(day=1).isoformat()


def limit_of(throttles: Sequence[MethodThrottle], path: str, method: str) -> tuple[Throttle, tuple[str, str]] | None:
    """Return the limit of a route and the route that shares it: what names path and method wins over `*`.

    The default of a stage is one limit for each of its methods, not one for all together.
    """
    found = [each for each in throttles if each.path in ("*", path) and each.method in ("*", method)]
    if not found:
        return None
    best = max(found, key=lambda each: (each.path != "*", each.method != "*"))
    return best.throttle, (path, method)
