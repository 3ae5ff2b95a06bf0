"""Sessions: a family of refresh tokens, each used once, and an epoch that ends access tokens early."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

GRACE = timedelta(seconds=10)  # parallel refreshes of one token get one successor; Supabase chose the same
ENDED = 0  # the epoch of a session that is over; living ones begin at 1


class End(StrEnum):
    """Why a session was revoked."""

    LOGOUT = "logout"
    REVOKED = "revoked"
    REUSE = "refresh_token_reused"
    PASSWORD = "password_changed"  # noqa: S105 - a reason
    REMOVED = "membership_ended"


class Turn(StrEnum):
    """What presenting a refresh token means."""

    FRESH = "fresh"
    REPEAT = "repeat"  # used moments ago: the same successor is the answer
    REUSED = "reused"  # somebody has a copy
    OVER = "over"


@dataclass(frozen=True, slots=True)
class RefreshToken:
    org_id: str
    digest: bytes
    session_id: str
    created_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A login of one user in one organisation. Tokens of an earlier `epoch` hold no more."""

    id: str
    user_id: str
    org_id: str
    epoch: int
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    user_agent: str = ""
    address: str = ""
    revoked_at: datetime | None = None
    revoked_because: str | None = None

    def alive(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at

    def turn(self, token: RefreshToken, *, at: datetime) -> Turn:
        if not self.alive(at):
            return Turn.OVER
        if token.used_at is None:
            return Turn.FRESH
        return Turn.REPEAT if at - token.used_at <= GRACE else Turn.REUSED

    def used(self, at: datetime) -> Session:
        return replace(self, last_used_at=at)

    def bumped(self) -> Session:
        """The session with its access tokens ended; a refresh brings one that states the present."""
        return replace(self, epoch=self.epoch + 1)

    def revoked(self, because: End, *, at: datetime) -> Session:
        return replace(self, revoked_at=at, revoked_because=because)


@dataclass(frozen=True, slots=True)
class SessionRevoked:
    """Domain event: a session ended before its time."""

    session: Session
