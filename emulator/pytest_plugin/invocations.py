"""What functions were invoked with and how that ended, as a test asks for it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.runtime.ended import Ended
from emulator.runtime.logs import LogRecord
from emulator.runtime.results import Result

_SHOWN, _SHOWN_CHARACTERS = 20, 160


class FunctionFailed(Exception):
    """A function answered with an error; `document` is what its caller gets, `logs` what it printed."""

    def __init__(self, document: Any, logs: str = "") -> None:
        self.document, self.logs = document, logs
        self.type = str(document.get("errorType", "")) if isinstance(document, dict) else ""
        self.message = str(document.get("errorMessage", "")) if isinstance(document, dict) else str(document)
        super().__init__(f"{self.type}: {self.message}")


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation that has ended.

    `answer` is what the handler returned, `error` Lambda's error document: one of them is None. `origin` is what sent
    the event: `invoke`, `http`, `kafka`, `s3`, `schedule`, `eventbridge`, `websocket`, `authorizer` or `destination`.
    """

    function: str
    event: Any
    answer: Any
    error: Any
    logs: str = field(repr=False)
    origin: str
    request_id: str
    duration_ms: float
    cold: bool


class Recorder:
    """Give `ended` and `log` to the emulator. Written in its event loop, read by the test."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self._guard = threading.Lock()
        self._lines: dict[tuple[str, str], list[str]] = {}
        self._ended: list[Invocation] = []
        self.count = 0

    def ended(self, ended: Ended) -> None:
        lines = self._lines.pop((ended.function, ended.request_id), [])
        with self._guard:
            self._ended.append(_invocation(ended, "\n".join(lines)))
        self.count += 1
        self.changed.set()

    def log(self, record: LogRecord) -> None:
        if record.request_id:
            self._lines.setdefault((record.function, record.request_id), []).append(record.text)

    def all(self, function: str | None = None) -> list[Invocation]:
        """Return the invocations of a function, or all, in the order in which they ended."""
        with self._guard:
            return [each for each in self._ended if function in (None, each.function)]

    def clear(self) -> None:
        with self._guard:
            self._ended.clear()


def answer_of(result: Result) -> Any:
    """Return what a function answered.

    Raises:
        FunctionFailed: it was an error.
    """
    found = _read(result.payload)
    if result.error is not None:
        raise FunctionFailed(found, result.log.decode("utf-8", "replace"))
    return found


def complaint(wanted: str, found: Sequence[Invocation], all_of_them: Sequence[Invocation]) -> str:
    """Return what a failed expectation says: what was wanted, and what happened."""
    lines = [f"expected {wanted}, there were {len(found)}"]
    lines.append("these invocations ended:" if all_of_them else "no invocation ended")
    lines += [_line(each) for each in all_of_them[-_SHOWN:]]
    return "\n".join(lines)


def fitting(found: Sequence[Invocation], where: Callable[[Invocation], object] | None) -> list[Invocation]:
    return [each for each in found if where is None or where(each)]


def _line(each: Invocation) -> str:
    ended = f"error {_short(each.error)}" if each.error is not None else f"answer {_short(each.answer)}"
    return f"  {each.function} ({each.origin}) event {_short(each.event)} {ended}"


def _short(value: Any) -> str:
    text = json.dumps(value, default=repr)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _invocation(ended: Ended, logs: str) -> Invocation:
    result = ended.result
    answered = _read(result.payload)
    failed = result.error is not None
    return Invocation(
        function=ended.function,
        event=_read(ended.payload),
        answer=None if failed else answered,
        error=answered if failed else None,
        logs=logs or result.log.decode("utf-8", "replace"),
        origin=ended.origin,
        request_id=ended.request_id,
        duration_ms=result.duration_ms,
        cold=result.init_ms > 0,
    )


def _read(payload: bytes) -> Any:
    try:
        return json.loads(payload) if payload else None
    except ValueError:
        return payload.decode("utf-8", "replace")
