"""What the server answers, as far as the command line reads it; unknown fields are kept, missing ones tolerated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

Json = Mapping[str, Any]
SEVERITIES = ("critical", "high", "medium", "low", "info")


def rank(severity: str) -> int:
    """0 for critical to 4 for info; what is unknown comes last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _number(record: Json, name: str) -> int:
    value = record.get(name)
    return value if isinstance(value, int) else 0


def _text(record: Json, name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Upload:
    """Where bytes go, and what became of them. `state` is waiting, stored or refused."""

    id: str
    state: str
    url: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    reason: str = ""

    @classmethod
    def of(cls, record: Json) -> Self:
        reason = _text(record, "detail") or _text(record, "code")
        headers = {str(name): str(value) for name, value in (record.get("headers") or {}).items()}
        return cls(str(record["id"]), str(record["state"]), _text(record, "url"), headers, reason)


@dataclass(frozen=True, slots=True)
class Finding:
    severity: str
    rule: str
    message: str
    path: str
    line: int
    column: int
    raw: Json = field(repr=False)

    @classmethod
    def of(cls, record: Json) -> Self:
        return cls(
            severity=_text(record, "severity"),
            rule=_text(record, "rule"),
            message=_text(record, "message"),
            path=_text(record, "path"),
            line=_number(record, "line"),
            column=_number(record, "column"),
            raw=record,
        )

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Analysis:
    """`state` is queued, running, merging, completed or failed."""

    id: str
    state: str
    reason: str
    files_total: int
    files_done: int
    raw: Json = field(repr=False)

    @classmethod
    def of(cls, record: Json) -> Self:
        progress = record.get("progress") or {}
        done, total = _number(progress, "files_done"), _number(progress, "files_total")
        return cls(str(record["id"]), str(record["state"]), _text(record, "reason"), total, done, record)

    @property
    def ended(self) -> bool:
        return self.state in ("completed", "failed")

    def total(self, name: str) -> int:
        return _number(self.raw.get("totals") or {}, name)


@dataclass(frozen=True, slots=True)
class Comment:
    """A remark of a model, tied to lines of a file."""

    severity: str
    path: str
    line: int
    body: str
    model: str

    @classmethod
    def of(cls, record: Json) -> Self:
        body, model = _text(record, "body"), _text(record, "model")
        return cls(_text(record, "severity"), _text(record, "path"), _number(record, "line"), body, model)

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Review:
    """`state` is running, completed or failed."""

    id: str
    state: str
    reason: str
    provider: str
    model: str
    summary: str
    comments: tuple[Comment, ...]
    raw: Json = field(repr=False)

    @classmethod
    def of(cls, record: Json) -> Self:
        return cls(
            id=str(record["id"]),
            state=str(record["state"]),
            reason=_text(record, "reason"),
            provider=_text(record, "provider"),
            model=_text(record, "model"),
            summary=_text(record, "summary"),
            comments=tuple(Comment.of(each) for each in record.get("comments") or []),
            raw=record,
        )


@dataclass(frozen=True, slots=True)
class Artifact:
    name: str
    content_type: str
    size_bytes: int
    url: str

    @classmethod
    def of(cls, record: Json) -> Self:
        return cls(
            _text(record, "name"), _text(record, "content_type"), _number(record, "size_bytes"), _text(record, "url")
        )
