"""How invocations and log lines look as JSON. Everything here has been redacted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from emulator.console.journal import Journal
from emulator.console.redaction import Redactor
from emulator.console.ring import Entry, Line
from emulator.console.titles import status_of, title_of
from emulator.runtime.logs import LogRecord
from emulator.runtime.results import Result

_MAX_ERROR = 64 * 1024


def timestamp(seconds: float) -> str:
    """Return seconds since 1970 in RFC 3339."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Views:
    """Shows the journal to people."""

    def __init__(self, journal: Journal, redactor: Redactor) -> None:
        self._journal, self._redactor = journal, redactor

    def summary(self, entry: Entry) -> dict[str, Any]:
        """Return a row of the list."""
        ended, result = entry.ended, entry.ended.result
        return {
            "id": ended.request_id,
            "number": entry.number,
            "function": ended.function,
            "origin": ended.origin,
            "title": self._redactor.text(title_of(ended.payload)),
            "status": None if result.error else status_of(result.payload),
            "began": timestamp(ended.began),
            "duration_ms": round(result.duration_ms, 2),
            "init_ms": round(result.init_ms, 2),
            "cold_start": bool(result.init_ms),
            "memory_mb": result.memory_mb,
            "error": self.error(result),
            "trace_id": ended.trace_id,
        }

    def detail(self, entry: Entry) -> dict[str, Any]:
        """Return all of an invocation; what is too large to keep is shown in part."""
        return {
            **self.summary(entry),
            "event": self.payload(entry.ended.payload),
            "event_bytes": entry.event_bytes,
            "replayable": entry.whole,
            "answer": self.payload(entry.ended.result.payload),
            **self._logs(entry),
        }

    def error(self, result: Result) -> dict[str, Any] | None:
        """Return an error's kind, type and message, None when there was none."""
        if result.error is None:
            return None
        found: dict[str, Any] = {"kind": result.error, "type": None, "message": None}
        if len(result.payload) <= _MAX_ERROR:
            document = self.payload(result.payload)
            if isinstance(document, dict):
                found |= {"type": document.get("errorType"), "message": document.get("errorMessage")}
        return found

    def payload(self, payload: bytes) -> Any:
        """Return what an event or an answer says."""
        return self._redactor.payload(payload)

    def line(self, line: Line) -> dict[str, Any]:
        record = line.record
        return {
            "number": line.number,
            "function": record.function,
            "id": record.request_id or None,
            "time": timestamp(record.time),
            "text": self.text(record.text),
        }

    def started(self, record: LogRecord) -> dict[str, Any]:
        return {"id": record.request_id, "function": record.function, "began": timestamp(record.time)}

    def text(self, text: str) -> str:
        """Return a log text; one that is JSON is redacted as such."""
        if text[:1] == "{":
            try:
                document = json.loads(text)
            except (ValueError, RecursionError):
                return self._redactor.text(text)
            shown = self._redactor.document(document)
            return text if shown == document else json.dumps(shown)
        return self._redactor.text(text)

    def _logs(self, entry: Entry) -> dict[str, Any]:
        lines = self._journal.lines_of(entry)
        if lines and lines[0].record.text.startswith("START "):
            shown = [{"time": timestamp(line.record.time), "text": self.text(line.record.text)} for line in lines]
            return {"logs": shown, "logs_complete": True}
        tail = entry.ended.result.log.decode("utf-8", "replace").splitlines()
        return {"logs": [{"time": None, "text": self.text(text)} for text in tail], "logs_complete": False}
