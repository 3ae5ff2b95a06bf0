"""What the queue of asynchronous invokes holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Handover:
    """A document for a destination: an ARN or `kafka://TOPIC`. `attributes` are those of a message."""

    destination: str
    document: bytes
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class New:
    """An event that is to be stored. `origin` says who sent it, for whoever watches; `qualifier` is empty for none."""

    request_id: str
    function: str
    payload: bytes
    origin: str = "invoke"
    trace_id: str | None = None
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """An event for a function, or with `destination` set the record of one on its way there.

    `attempts` failed in the function, `stumbles` did not reach the function or the destination. Times are seconds
    since 1970. `note` is the reason of the function's failure, which outlives a destination that refuses.
    """

    id: int
    request_id: str
    function: str
    payload: bytes
    accepted_at: float
    due_at: float
    attempts: int = 0
    stumbles: int = 0
    origin: str = "invoke"
    trace_id: str | None = None
    destination: str | None = None
    attributes: str = "{}"
    note: str = ""
    qualifier: str = ""

    @property
    def reference(self) -> str:
        """Return the function as whoever sent the event named it: a name, with a qualifier or without."""
        return f"{self.function}:{self.qualifier}" if self.qualifier else self.function

    @property
    def handover(self) -> Handover:
        """Return what is on its way to the destination."""
        assert self.destination is not None, "only a record has a destination"
        return Handover(self.destination, self.payload, json.loads(self.attributes))


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter: an event or a record that is not tried again, and why. `id` orders them, newest highest."""

    id: int
    request_id: str
    function: str
    attempts: int
    accepted_at: float
    dead_at: float
    reason: str
    destination: str | None
    origin: str
    payload: bytes
