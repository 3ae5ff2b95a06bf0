"""What the use cases need from the outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from functions.auth.model.claims import Claims
from functions.auth.model.limits import Limit
from functions.auth.model.people import Invitation, Member, Membership, Organisation, Role, User
from functions.auth.model.sessions import RefreshToken, Session
from kernel.identity import Caller
from kernel.ports import Permissions, SharedWork


class People(Protocol):
    """Users and organisations of the installation; memberships of the caller's organisation, and the caller's own."""

    def nobody_yet(self) -> bool:
        """Tell whether no user exists; true for one of several that ask at once, until it is done."""
        ...

    def user_by_email(self, email_key: str) -> User | None: ...

    def add(self, user: User) -> None:
        """Raises Conflict if the e-mail address has an account."""
        ...

    def set_password(self, user_id: str, password_hash: str) -> None: ...

    def found(self, organisation: Organisation) -> None: ...

    def join(self, membership: Membership) -> None: ...

    def first_membership(self, user_id: str) -> Membership | None:
        """The oldest membership of a user who is the caller."""
        ...

    def member(self, user_id: str) -> Member:
        """Raises NotFound if the user is not in the caller's organisation."""
        ...

    def members(self, *, after: str | None, limit: int) -> list[Member]:
        """Up to `limit` members in the order of their user ids, beginning behind `after`."""
        ...

    def locked_membership(self, user_id: str) -> tuple[Membership, int]:
        """The membership and the number of owners, both fixed until the end. Raises NotFound."""
        ...

    def set_role(self, user_id: str, role: Role) -> None: ...

    def leave(self, user_id: str) -> None: ...


class Sessions(Protocol):
    def add(self, session: Session, token: RefreshToken) -> None: ...

    def of_token(self, digest: bytes) -> Session | None: ...

    def locked(self, session_id: str) -> Session | None: ...

    def token(self, digest: bytes) -> RefreshToken: ...

    def succeed(self, token: RefreshToken, successor: RefreshToken) -> None:
        """Mark `token` used and store its successor."""
        ...

    def save(self, session: Session) -> None:
        """Store it; once committed, access tokens of another epoch or of a revoked session hold no more."""
        ...

    def living(self, user_id: str) -> list[Session]:
        """The user's sessions that are not over, newest first, locked until the end."""
        ...


class Invitations(Protocol):
    def add(self, invitation: Invitation) -> None: ...

    def locked(self, invitation_id: str) -> Invitation | None: ...

    def save(self, invitation: Invitation) -> None: ...


class Work(SharedWork, Protocol):
    """The shared work and this domain's repositories, in one transaction."""

    @property
    def people(self) -> People: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def invitations(self) -> Invitations: ...


class Passwords(Protocol):
    def hash(self, password: str) -> str: ...

    def fits(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password is the one hashed; takes as long for None, which nothing fits."""
        ...

    def outdated(self, password_hash: str) -> bool:
        """Tell whether it was made with other parameters than today's."""
        ...


class Secrets(Protocol):
    """Tokens that are not JWTs. Only their digests are stored; successors can be made again, but only by us."""

    def first_token(self, org_id: str) -> str: ...

    def organisation(self, token: str) -> str | None:
        """The organisation that a refresh token names, or None if it cannot be one."""
        ...

    def successor(self, token: str) -> str: ...

    def digest(self, token: str) -> bytes: ...

    def invitation(self, org_id: str, invitation_id: str) -> str: ...

    def read_invitation(self, token: str) -> tuple[str, str] | None:
        """The organisation and the invitation that a token of ours names."""
        ...

    def same(self, given: str, secret: str) -> bool:
        """Compare in a time that does not tell where they differ; nothing equals an empty secret."""
        ...


class Tokens(Protocol):
    def issue(self, claims: Claims) -> str:
        """Sign. Not inside a unit of work: it may read or make keys. Raises Unavailable."""
        ...

    def published(self) -> list[dict[str, str]]:
        """The public keys as JWKs. Raises Unavailable."""
        ...


class Limits(Protocol):
    def claim(self, limits: Sequence[Limit]) -> None:
        """Count one try against all `limits`, or none. Raises TooMany."""
        ...

    def give_back(self, limits: Sequence[Limit]) -> None:
        """Undo a claim: it was no wrong try."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decided."""

    setup_token: str
    open_registration: bool
    access_life_s: int
    refresh_life_days: int


@dataclass(frozen=True, slots=True)
class Deps:
    work: Callable[[Caller], AbstractContextManager[Work]]
    permissions: Permissions
    passwords: Passwords
    secrets: Secrets
    tokens: Tokens
    limits: Limits
    rules: Rules
    new_id: Callable[[], str]
    ready: Callable[[], None]


class Gate(Protocol):
    """What the authorizer asks."""

    def claims(self, token: str, now: float) -> Claims:
        """Raises Unauthorized, or Unavailable if nobody knows the keys."""
        ...

    def epoch(self, claims: Claims) -> int:
        """The present epoch of the session that a token names, 0 if it is over. Raises Unavailable."""
        ...
