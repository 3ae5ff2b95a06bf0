"""The ways in which an invocation ends, in Lambda's words."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from typing import Any

from emulator.runtime import report
from emulator.runtime.results import MAX_RESPONSE_BYTES, UNHANDLED

_SIGNALS = {
    "SIGABRT": "aborted", "SIGALRM": "alarm clock", "SIGBUS": "bus error", "SIGFPE": "floating point exception",
    "SIGHUP": "hangup", "SIGILL": "illegal instruction", "SIGINT": "interrupt", "SIGKILL": "killed",
    "SIGPIPE": "broken pipe", "SIGQUIT": "quit", "SIGSEGV": "segmentation fault", "SIGTERM": "terminated",
    "SIGTRAP": "trace/breakpoint trap",
}  # fmt: skip
"""Lambda's supervisor is written in Go: these are that language's names (`syscall/zerrors_linux_amd64.go`)."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What the caller gets, the status in the REPORT line, and a line for the log before it."""

    payload: bytes
    error: str | None = None
    status: str = ""
    said: str = ""


def encoded(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def answered(body: bytes) -> Ending:
    return Ending(body)


def raised(body: bytes) -> Ending:
    """The handler raised, and `awslambdaric` has logged it."""
    return Ending(body, UNHANDLED)


def not_loaded(body: bytes) -> Ending:
    """The handler could not be loaded; `body` says why, with an empty request id."""
    return Ending(body, UNHANDLED, _error_type(body))


def too_large() -> Ending:
    message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
    kind = "Function.ResponseSizeTooLarge"
    return Ending(encoded({"errorMessage": message, "errorType": kind}), UNHANDLED, kind)


def timed_out(request_id: str, timeout_s: float) -> Ending:
    message = f"RequestId: {request_id} Error: Task timed out after {timeout_s:.2f} seconds"
    body = encoded({"errorType": "Sandbox.Timedout", "errorMessage": message})
    return Ending(body, UNHANDLED, report.TIMED_OUT, report.timed_out(request_id, timeout_s))


def out_of_memory(request_id: str) -> Ending:
    return _ended("Runtime.OutOfMemory", request_id, "Runtime exited with error: signal: killed")


def exited(request_id: str, status: int | None) -> Ending:
    """A process ended in the middle. `status` is negative for a signal, as in `subprocess`."""
    if status is None or status == 0:
        reason = "Runtime exited without providing a reason"
    elif status < 0:
        reason = f"Runtime exited with error: signal: {_signal(-status)}"
    else:
        reason = f"Runtime exited with error: exit status {status}"
    return _ended("Runtime.ExitError", request_id, reason)


def _ended(kind: str, request_id: str, reason: str) -> Ending:
    message = f"RequestId: {request_id} Error: {reason}"
    return Ending(encoded({"errorType": kind, "errorMessage": message}), UNHANDLED, kind, f"{message}\n{kind}")


def _signal(number: int) -> str:
    try:
        return _SIGNALS[signal.Signals(number).name]
    except (KeyError, ValueError):
        return f"signal {number}"


def _error_type(body: bytes) -> str:
    try:
        return str(json.loads(body)["errorType"])
    except (ValueError, KeyError, TypeError):
        return "Runtime.Unknown"
