"""The lines that Lambda itself writes into a function's log."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from emulator.template import Function

TIMED_OUT = "timeout"


def start(request_id: str, version: str = "$LATEST") -> str:
    return f"START RequestId: {request_id} Version: {version}"


def end(request_id: str) -> str:
    return f"END RequestId: {request_id}"


@dataclass(frozen=True, slots=True)
class Used:
    """What an invocation took. `init_ms` is 0 when it found a process that had run before."""

    duration_ms: float
    init_ms: float = 0.0
    memory_mb: int = 0


def report(request_id: str, function: Function, used: Used, *, status: str) -> str:
    """Return the REPORT line. Initialisation is billed (since August 2025), rounded up with the duration.

    Args:
        status: Empty for what the function answered or raised, `timeout`, or the type of Lambda's own error.
    """
    first = f"\tInit Duration: {used.init_ms:.2f} ms" if used.init_ms else ""
    return (
        f"REPORT RequestId: {request_id}\tDuration: {used.duration_ms:.2f} ms\t"
        f"Billed Duration: {math.ceil(used.duration_ms + used.init_ms)} ms\tMemory Size: {function.memory_mb} MB\t"
        f"Max Memory Used: {used.memory_mb} MB{first}\t{_status(status)}"
    )


def timed_out(request_id: str, timeout_s: float) -> str:
    now = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
    return f"{stamp}.{int(now % 1 * 1000):03d}Z {request_id} Task timed out after {timeout_s:.2f} seconds"


def _status(status: str) -> str:
    if status in ("", TIMED_OUT):
        return f"Status: {status}" if status else ""
    return f"Status: error\tError Type: {status}"
