"""What is still to be done after an answer was given: by the sweeps, for all organisations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

COLLECT, ERASE, EXPORT = "collect", "erase", "export"


@dataclass(frozen=True, slots=True)
class Task:
    """`subject` is the id of what it is about; `attempts` were begun, this one included."""

    kind: str
    org_id: str
    subject: str
    attempts: int


class ToDo(Protocol):
    """The caller's organisation's tasks, in the transaction of a unit of work."""

    def offer(self, kind: str, subject: str, *, after_s: float = 0.0) -> None:
        """Let a sweep do this after so many seconds; one that is there already is done at the earlier time."""
        ...

    def end(self, kind: str, subject: str) -> None: ...


class Tasks(Protocol):
    """The tasks of all organisations; each call is a transaction of its own."""

    def claim(self, kind: str, *, lease_s: float) -> Task | None:
        """Begin the most overdue task; nobody else does until the lease is over."""
        ...

    def postpone(self, task: Task, *, seconds: float) -> None:
        """Do it (again) after so many seconds; the attempts so far do not count."""
        ...
