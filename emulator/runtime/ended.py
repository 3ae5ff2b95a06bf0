"""What is told about each invocation once it has ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.runtime.results import Result


@dataclass(slots=True)
class Ended:
    """One invocation, never changed. `began` is in seconds since 1970; `origin` says what sent it, such as `http` or `kafka`."""

    function: str
    request_id: str
    trace_id: str
    origin: str
    began: float
    payload: bytes = field(repr=False)
    result: Result = field(repr=False)


OnEnded = Callable[[Ended], None]
