"""What a caller gets: the result of an invocation, or why there was none."""

from __future__ import annotations

from dataclasses import dataclass

MAX_RESPONSE_BYTES = 6_291_556
UNHANDLED = "Unhandled"
RESERVED_LIMIT = "ReservedFunctionConcurrentInvocationLimitExceeded"
ACCOUNT_LIMIT = "ConcurrentInvocationLimitExceeded"


@dataclass(frozen=True, slots=True)
class Result:
    """`error` is None or `Unhandled`; then `payload` is Lambda's error document. `log` is the last 4 KB of it.

    `duration_ms` is that of the handler, `init_ms` that of the cold start that it waited for (0 when warm),
    `memory_mb` the largest resident size of its process so far, at most the function's memory.
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
    """Too many events run at once; `reason` is the one of TooManyRequestsException."""

    def __init__(self, function: str, reason: str = RESERVED_LIMIT) -> None:
        super().__init__(function)
        self.reason = reason


class Stopping(InvokeError):
    """The emulator stops; the invocation may be repeated after the next start."""
