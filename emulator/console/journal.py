"""The journal: what was invoked, with what, and how it ended. In memory only, bounded, forgotten after a while.

It stands in the way of every invocation, so it keeps references; decoding and redaction wait for a reader.
"""

from __future__ import annotations

import heapq
import itertools
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from emulator.console.ring import Counts, Entry, Line, Ring
from emulator.console.watch import Watch
from emulator.runtime.ended import Ended
from emulator.runtime.logs import LogRecord

MAX_BYTES = 16 * 1024 * 1024
MAX_EVENT_BYTES = 1024 * 1024
PREVIEW_BYTES = 16 * 1024
KEPT_S = 24 * 3600.0
T = TypeVar("T")
_MARKS = ("START RequestId: ", "END RequestId: ")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which invocations to list; None is no condition. `before` is the number of an entry."""

    function: str | None = None
    origin: str | None = None
    error: bool | None = None
    before: int | None = None

    def fits(self, entry: Entry) -> bool:
        ended = entry.ended
        return (
            (self.origin is None or ended.origin == self.origin)
            and (self.error is None or (ended.result.error is not None) == self.error)
            and (self.before is None or entry.number < self.before)
        )


class Journal:
    """Give `ended` and `log` to the runtime. Belongs to one event loop. `run` names it: numbers begin anew with each."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, kept_s: float = KEPT_S) -> None:
        self.run = secrets.token_hex(4)
        self._max_bytes, self._kept_s = max_bytes, kept_s
        self._rings: dict[str, Ring] = {}
        self._running: dict[str, LogRecord] = {}
        self._watches: set[Watch] = set()
        self._entry_numbers, self._line_numbers = itertools.count(1), itertools.count(1)
        self._bytes = 0

    def ended(self, ended: Ended) -> None:
        """Take an invocation that has ended."""
        payload, result = ended.payload, ended.result
        size, whole = len(payload), True
        if size + len(result.payload) > MAX_EVENT_BYTES:
            ended, whole = _cut(ended)
        ring = self._ring(ended.function)
        entry = Entry(next(self._entry_numbers), ended, time.monotonic(), size, whole)
        before = ring.bytes
        ring.counts.add(ended)
        ring.add(entry)
        self._bytes += ring.bytes - before
        if self._bytes > self._max_bytes:
            self._shrink()
        for watch in self._watches:
            watch.put(entry)

    def log(self, record: LogRecord) -> None:
        """Take a log line."""
        line = Line(next(self._line_numbers), record)
        self._ring(record.function).write(line)
        if record.request_id and record.text.startswith(_MARKS):
            self._mark(record)
        for watch in self._watches:
            watch.put(line)

    def entries(self, wanted: Wanted | None = None) -> Iterator[Entry]:
        """Return invocations, newest first."""
        wanted = wanted or Wanted()
        self._forget()
        rings = self._rings if wanted.function is None else {wanted.function: self._ring_of(wanted.function)}
        newest = (reversed(ring.entries) for ring in rings.values())
        return filter(wanted.fits, heapq.merge(*newest, key=lambda entry: -entry.number))

    def find(self, reference: str) -> Entry | None:
        """Return the newest invocation with this request id, or the one with this number."""
        return next((each for each in self.entries() if reference in (each.ended.request_id, str(each.number))), None)

    def lines(self, function: str | None = None, *, after: int = 0) -> Iterator[Line]:
        """Return log lines, oldest first, of one function or of all."""
        rings = self._rings if function is None else {function: self._ring_of(function)}
        found = (ring.lines for ring in rings.values())
        return (line for line in heapq.merge(*found, key=lambda line: line.number) if line.number > after)

    def lines_of(self, entry: Entry) -> list[Line]:
        """Return the lines of one invocation, as far as they are still there; retries share a request id."""
        name, request_id = entry.ended.function, entry.ended.request_id
        runs: list[list[Line]] = [[]]
        for line in self._ring_of(name).lines:
            if line.record.request_id == request_id:
                if line.record.text.startswith(_MARKS[0]):
                    runs.append([])
                runs[-1].append(line)
        later = sum(each.number > entry.number and each.ended.request_id == request_id for each in self.entries())
        return runs[-1 - later] if later < len(runs) else []

    def running(self) -> list[LogRecord]:
        """Return the START lines of what runs now, oldest first."""
        return list(self._running.values())

    def counts(self, function: str) -> Counts:
        return self._ring_of(function).counts

    def watch(self) -> Watch:
        """Return a watch that gets what comes from now on; use it as a context."""
        return Watch(self._watches)

    def _ring(self, function: str) -> Ring:
        ring = self._rings.get(function)
        if ring is None:
            ring = self._rings[function] = Ring()
        return ring

    def _ring_of(self, function: str) -> Ring:
        return self._rings.get(function) or Ring()

    def _mark(self, record: LogRecord) -> None:
        if record.text.startswith(_MARKS[0] + record.request_id):
            self._running[record.request_id] = record
        elif record.text.startswith(_MARKS[1] + record.request_id):
            self._running.pop(record.request_id, None)

    def _shrink(self) -> None:
        while self._bytes > self._max_bytes:
            self._bytes -= max(self._rings.values(), key=lambda ring: ring.bytes).drop()

    def _forget(self) -> None:
        """Drop what is older than what may be kept."""
        oldest = time.monotonic() - self._kept_s
        for ring in self._rings.values():
            while ring.entries and ring.entries[0].at < oldest:
                self._bytes -= ring.drop()


def told(first: Callable[[T], None], second: Callable[[T], None] | None) -> Callable[[T], None]:
    """Return what tells two listeners, or the first alone when there is no second."""
    if second is None:
        return first

    def both(happened: T) -> None:
        first(happened)
        second(happened)

    return both


def _cut(ended: Ended) -> tuple[Ended, bool]:
    """Keep the beginning of an event or answer that is too large to keep; tell whether the event is whole."""
    whole = len(ended.payload) <= MAX_EVENT_BYTES
    payload = ended.payload if whole else ended.payload[:PREVIEW_BYTES]
    answer = ended.result.payload
    result = replace(ended.result, payload=answer if len(answer) <= MAX_EVENT_BYTES else answer[:PREVIEW_BYTES])
    return replace(ended, payload=payload, result=result), whole
