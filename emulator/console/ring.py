"""What the journal keeps of one function: its latest invocations and log lines, and counts of all of them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from emulator.runtime.ended import Ended
from emulator.runtime.logs import LogRecord

MAX_ENTRIES = 200
MAX_LINES = 2000
MAX_LINE_BYTES = 512 * 1024
_SAMPLES = 1000


@dataclass(slots=True, eq=False)
class Entry:
    """One invocation that has ended. `number` grows with each; `at` is in monotonic seconds. Never changed.

    `event_bytes` is the size of the event as it came; `whole` tells whether all of it is still there.
    """

    number: int
    ended: Ended
    at: float
    event_bytes: int
    whole: bool = True

    @property
    def size(self) -> int:
        return len(self.ended.payload) + len(self.ended.result.payload) + len(self.ended.result.log)


@dataclass(slots=True, eq=False)
class Line:
    """One log line; `number` grows with each. Never changed, but a frozen one takes three times as long to make."""

    number: int
    record: LogRecord


@dataclass(slots=True)
class Counts:
    """Of every invocation since the start; percentiles are of the latest thousand."""

    invocations: int = 0
    errors: int = 0
    cold_starts: int = 0
    durations_ms: deque[float] = field(default_factory=lambda: deque(maxlen=_SAMPLES), repr=False)

    def add(self, ended: Ended) -> None:
        result = ended.result
        self.invocations += 1
        self.durations_ms.append(result.duration_ms)
        if result.error is not None:
            self.errors += 1
        if result.init_ms:
            self.cold_starts += 1

    def percentile_ms(self, part: float) -> float | None:
        """Return the duration that this part of the invocations stayed within; `part` is 0.99 for p99."""
        if not self.durations_ms:
            return None
        ordered = sorted(self.durations_ms)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class Ring:
    """Bounded by number; `bytes` tells what its invocations hold."""

    __slots__ = ("bytes", "counts", "entries", "line_bytes", "lines")

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque()
        self.lines: deque[Line] = deque()
        self.counts = Counts()
        self.bytes = self.line_bytes = 0

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.bytes += entry.size
        if len(self.entries) > MAX_ENTRIES:
            self.drop()

    def drop(self) -> int:
        """Forget the oldest invocation; return how many bytes that freed."""
        freed = self.entries.popleft().size
        self.bytes -= freed
        return freed

    def write(self, line: Line) -> None:
        self.lines.append(line)
        self.line_bytes += len(line.record.text)
        while len(self.lines) > MAX_LINES or (self.line_bytes > MAX_LINE_BYTES and len(self.lines) > 1):
            self.line_bytes -= len(self.lines.popleft().record.text)
