"""Failures that a caller can act on.

Every expected failure is one of these; anything else is a bug and ends as 500.
The HTTP status belongs to the edge (`kernel.http.STATUS`), not to the error.
"""

from __future__ import annotations

Detail = str | int | list[str]


class DomainError(Exception):
    """Base of all expected failures; `code` is part of the public API."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, **details: Detail) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.details = details


class Invalid(DomainError):
    """The input is well formed but breaks a rule; sending it again will not help."""

    code = "invalid"


class Unauthorized(DomainError):
    """Nobody, or somebody whose proof does not hold."""

    code = "unauthorized"


class Forbidden(DomainError):
    code = "forbidden"


class NotFound(DomainError):
    """It does not exist, or belongs to another organisation: the two look alike."""

    code = "not_found"


class Conflict(DomainError):
    code = "conflict"


class Stale(DomainError):
    """The caller's `If-Match` names an older state than the present one."""

    code = "stale"


class Unconditional(DomainError):
    """An update of what others may change too comes without `If-Match`."""

    code = "if_match_required"


class TooLarge(DomainError):
    code = "too_large"


class TooMany(DomainError):
    """A rate or quota is spent; `retry_after_s` among the details says for how long."""

    code = "too_many"


class Unavailable(DomainError):
    """A dependency is down or slow; the same call may succeed later."""

    code = "unavailable"
