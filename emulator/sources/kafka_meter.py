"""What a Kafka source counts about itself, for people who watch it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.sources.kafka_batch import Record

_SPAN_S = 10.0


@dataclass(slots=True)
class Meter:
    """Counts since the source started; the rate is that of the last seconds."""

    records: int = 0
    batches: int = 0
    failed: int = 0
    filtered: int = 0
    given_up: int = 0
    last: dict[str, Any] | None = None
    _recent: deque[tuple[float, int]] = field(default_factory=deque)

    def batch(self, batch: Sequence[Record], *, now: float, seconds: float, error: str | None) -> None:
        """Count one invocation; `now` is in seconds since 1970."""
        self.batches += 1
        if error is None:
            self.records += len(batch)
            self._recent.append((now, len(batch)))
            self._forget(now)
        else:
            self.failed += 1
        self.last = {
            "at": round(now, 3),
            "place": batch[0].place,
            "records": len(batch),
            "first_offset": batch[0].offset,
            "last_offset": batch[-1].offset,
            "duration_ms": round(seconds * 1000, 1),
            "error": error,
        }

    def rate(self, now: float) -> float:
        """Return how many records a second were delivered lately."""
        self._forget(now)
        return sum(count for _, count in self._recent) / _SPAN_S

    def state(self, now: float) -> dict[str, Any]:
        return {
            "records": self.records,
            "records_per_s": round(self.rate(now), 1),
            "batches": self.batches,
            "failed_batches": self.failed,
            "filtered": self.filtered,
            "given_up": self.given_up,
            "last_batch": self.last,
        }

    def _forget(self, now: float) -> None:
        while self._recent and self._recent[0][0] < now - _SPAN_S:
            self._recent.popleft()
