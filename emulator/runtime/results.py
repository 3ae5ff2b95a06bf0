"""What an invocation ends with, in Lambda's words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

MAX_RESPONSE_BYTES = 6_291_556
UNHANDLED = "Unhandled"


@dataclass(frozen=True, slots=True)
class Result:
    """`error` is None or `Unhandled`; then `payload` is Lambda's error document. `log` is the last 4 KB of it.

    `duration_ms` is that of the handler, `init_ms` that of the cold start that it waited for (0 when warm),
    `memory_mb` the largest resident size of its process so far.
    """

    payload: bytes
    error: str | None = None
    log: bytes = b""
    duration_ms: float = 0.0
    init_ms: float = 0.0
    memory_mb: int = 0


class InvokeError(Exception):
    """The function was not run."""


class UnknownFunction(InvokeError):
    """No function of that name is served here."""


class Throttled(InvokeError):
    """The function's reserved concurrency is used up."""


class Stopping(InvokeError):
    """The emulator stops; the invocation may be repeated after the next start."""


def exit_error(request_id: str, status: int | None) -> dict[str, Any]:
    """Describe a process that ended in the middle. `status` is negative for a signal, as in `subprocess`."""
    if status is None or status == 0:
        reason = "Runtime exited without providing a reason"
    elif status < 0:
        reason = f"Runtime exited with error: signal: {-status}"
    else:
        reason = f"Runtime exited with error: exit status {status}"
    return {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request_id} Error: {reason}"}


def timed_out(request_id: str, timeout_s: float) -> dict[str, Any]:
    message = f"RequestId: {request_id} Error: Task timed out after {timeout_s:.2f} seconds"
    return {"errorType": "Sandbox.Timedout", "errorMessage": message}


def too_large() -> dict[str, Any]:
    message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
    return {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}


def failed(document: dict[str, Any], log: bytes = b"") -> Result:
    return Result(json.dumps(document, separators=(",", ":")).encode(), UNHANDLED, log)
