"""Faults on demand: an invocation that is throttled, times out, fails or is late because somebody asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from emulator.runtime import endings, report
from emulator.runtime.endings import Ending
from emulator.runtime.invocation import Invocation
from emulator.runtime.report import Used
from emulator.runtime.results import UNHANDLED, Result


class Kind(StrEnum):
    THROTTLE = "throttle"
    TIME_OUT = "time_out"
    FAIL = "fail"
    DELAY = "delay"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is to happen to invocations of a function, the next `times` ones or all.

    `seconds` is how long a delay lasts. A failure raises an error of type `error` in the handler's place.
    """

    kind: Kind
    seconds: float = 1.0
    error: str = "InjectedFault"
    times: int | None = None


class Faults(Protocol):
    """Whoever may make an invocation fail."""

    def take(self, function: str) -> Fault | None:
        """Return what is to happen to the invocation that begins now, None if nothing."""
        ...


class FaultTable:
    """`Faults` that are set and cleared while the emulator runs."""

    def __init__(self, first: Mapping[str, Fault] | None = None) -> None:
        self._faults = dict(first or {})

    def set(self, function: str, fault: Fault | None) -> None:
        """Plan a fault for a function; None takes it away."""
        self._faults.pop(function, None)
        if fault is not None and fault.times != 0:
            self._faults[function] = fault

    def all(self) -> Mapping[str, Fault]:
        """Return what is planned, by function."""
        return dict(self._faults)

    def take(self, function: str) -> Fault | None:
        fault = self._faults.get(function)
        if fault is not None and fault.times is not None:
            self.set(function, replace(fault, times=fault.times - 1))
        return fault


def result_of(fault: Fault, invocation: Invocation) -> Result:
    """Return what an invocation ends with that a fault kept from its process."""
    function, request_id = invocation.function, invocation.request_id
    ending, used = _ending(fault, request_id, function.timeout_s)
    lines = [report.start(request_id, function.version), ending.said, report.end(request_id)]
    lines.append(report.report(request_id, function, used, status=ending.status))
    log = "".join(f"{line}\n" for line in lines if line).encode()
    return Result(ending.payload, ending.error, log, used.duration_ms)


def _ending(fault: Fault, request_id: str, timeout_s: float) -> tuple[Ending, Used]:
    if fault.kind is Kind.TIME_OUT:
        return endings.timed_out(request_id, timeout_s), Used(timeout_s * 1000)
    body = endings.encoded(
        {"errorMessage": "a fault was asked for", "errorType": fault.error, "requestId": request_id, "stackTrace": []}
    )
    return Ending(body, UNHANDLED), Used(0.0)
