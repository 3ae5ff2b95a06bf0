"""How a session begins, and what its holder gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from functions.auth.model.claims import Claims
from functions.auth.model.people import Member, Membership
from functions.auth.model.sessions import RefreshToken, Session
from functions.auth.ports import Deps, Work
from kernel.identity import Caller


@dataclass(frozen=True, slots=True)
class Device:
    """Where a request came from, as the gateway saw it; no header that a client can set is believed."""

    address: str
    user_agent: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as its holder sees it, with the only copy of its tokens."""

    access_token: str
    expires_in_s: int
    refresh_token: str
    member: Member


@dataclass(frozen=True, slots=True)
class Begun:
    """A stored session whose access token is still to be signed."""

    session: Session
    refresh_token: str
    member: Member


def person(user_id: str, org_id: str, device: Device) -> Caller:
    """Somebody who has just proved who they are."""
    return Caller(user_id=user_id, org_id=org_id, request_id=device.request_id)


def begin(deps: Deps, work: Work, member: Membership, device: Device) -> Begun:
    """Store a new session; ids and tokens are always made here, never taken from the client."""
    session = Session(
        id=deps.new_id(),
        user_id=member.user_id,
        org_id=member.org_id,
        epoch=1,
        created_at=work.now,
        last_used_at=work.now,
        expires_at=work.now + timedelta(days=deps.rules.refresh_life_days),
        user_agent=device.user_agent,
        address=device.address,
    )
    token = deps.secrets.first_token(session.org_id)
    work.sessions.add(session, RefreshToken(session.org_id, deps.secrets.digest(token), session.id, work.now))
    work.audit.add("session.open", session.id)
    return Begun(session, token, work.people.member(member.user_id))


def opened(deps: Deps, begun: Begun) -> Opened:
    """Sign the access token; after the unit of work."""
    session, issued_at = begun.session, int(begun.session.last_used_at.timestamp())
    claims = Claims(
        id=deps.new_id(),
        user_id=session.user_id,
        org_id=session.org_id,
        roles=(begun.member.role.value,),
        session_id=session.id,
        epoch=session.epoch,
        issued_at=issued_at,
        expires_at=min(issued_at + deps.rules.access_life_s, int(session.expires_at.timestamp())),
    )
    return Opened(deps.tokens.issue(claims), claims.expires_at - claims.issued_at, begun.refresh_token, begun.member)
