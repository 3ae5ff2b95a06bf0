"""Users, the organisations they belong to, and in which role."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.errors import Conflict, NotFound

INVITATION_LIFE = timedelta(days=7)


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    MAINTAINER = "maintainer"
    REVIEWER = "reviewer"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Organisation:
    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """A person. `email_key` is the same for all spellings of one mailbox and unique."""

    id: str
    email: str
    email_key: str
    name: str
    password_hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Membership:
    org_id: str
    user_id: str
    role: Role
    created_at: datetime

    def become(self, role: Role, *, owners: int) -> Membership:
        """Return the membership in another role. Raises Conflict for the last of `owners`."""
        if role is not Role.OWNER:
            self.may_leave(owners=owners)
        return replace(self, role=role)

    def may_leave(self, *, owners: int) -> None:
        """Raises Conflict for the last of `owners`."""
        if self.role is Role.OWNER and owners <= 1:
            raise Conflict("an organisation keeps at least one owner", code="last_owner")


@dataclass(frozen=True, slots=True)
class Member:
    """A user as one organisation sees them."""

    user: User
    organisation: Organisation
    role: Role


@dataclass(frozen=True, slots=True)
class Invitation:
    """One e-mail address may join an organisation in one role, once."""

    org_id: str
    id: str
    email: str
    email_key: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def accept(self, *, email_key: str, at: datetime) -> Invitation:
        """Return the used invitation. Raises NotFound if it is used, expired or somebody else's."""
        if self.used_at is not None or at >= self.expires_at or email_key != self.email_key:
            raise no_invitation()
        return replace(self, used_at=at)


def no_invitation() -> NotFound:
    """The one answer to every invitation that does not hold, so that nobody learns why."""
    return NotFound("no such invitation", code="invitation_not_found")


@dataclass(frozen=True, slots=True)
class UserRegistered:
    """Domain event: a person can log in."""

    user: User
    org_id: str
    role: Role
