"""Logging in, staying in, and getting out."""

from __future__ import annotations

from dataclasses import replace

from functions.auth.model.credentials import email_key, email_of, new_password, normalised
from functions.auth.model.limits import Limit, login_limits
from functions.auth.model.people import Membership, User
from functions.auth.model.sessions import End, RefreshToken, Session, SessionRevoked, Turn
from functions.auth.ports import Deps, Work
from functions.auth.service.opening import Begun, Device, Opened, begin, opened, person
from kernel.errors import Forbidden, NotFound, Unauthorized
from kernel.identity import Caller


def log_in(deps: Deps, *, email: str, password: str, device: Device) -> Opened:
    """Open a session in the user's organisation.

    Raises:
        Unauthorized: address or password are wrong; the answer, and the time it takes, do not tell which.
        TooMany: too many wrong tries; see `model.limits`.
    """
    key, given = email_key(email_of(email)), normalised(password)
    tries = login_limits(key, device.address)
    deps.limits.claim(tries)
    with deps.work(Caller.nobody(device.request_id)) as work:
        user = work.people.user_by_email(key)
    _prove(deps, user.password_hash if user else None, given, tries)
    assert user is not None, "nothing fits a missing hash"
    membership = _membership(deps, user, device)
    with deps.work(person(user.id, membership.org_id, device)) as work:
        if deps.passwords.outdated(user.password_hash):
            work.people.set_password(user.id, deps.passwords.hash(given))
        begun = begin(deps, work, membership, device)
    return opened(deps, begun)


def refresh(deps: Deps, *, token: str, device: Device) -> Opened:
    """Exchange a refresh token for its successor and a new access token.

    Raises:
        Unauthorized: the token is unknown, its session is over, or it was used before: then the session ends.
    """
    org_id = deps.secrets.organisation(token)
    if org_id is None:
        raise _bad_token()
    with deps.work(replace(Caller.nobody(device.request_id), org_id=org_id)) as work:
        found = work.sessions.of_token(deps.secrets.digest(token))
    if found is None:
        raise _bad_token()
    with deps.work(person(found.user_id, found.org_id, device)) as work:
        begun = _rotate(deps, work, session_id=found.id, token=token)
    if begun is None:  # only now, because ending the session had to commit
        raise _bad_token()
    return opened(deps, begun)


def log_out(work: Work) -> None:
    """End the caller's session."""
    if work.caller.session_id is not None:
        session = work.sessions.locked(work.caller.session_id)
        if session is not None and session.alive(work.now):
            revoke(work, session, End.LOGOUT)


def revoke_own(work: Work, *, session_id: str) -> None:
    """End one of the caller's sessions. Raises NotFound if it is over or somebody else's."""
    session = work.sessions.locked(session_id)
    if session is None or session.user_id != work.caller.user_id or not session.alive(work.now):
        raise NotFound("no such session", session_id=session_id)
    revoke(work, session, End.REVOKED)


def change_password(deps: Deps, caller: Caller, *, current: str, new: str, device: Device) -> None:
    """Set the caller's password and end all their other sessions.

    Raises:
        Forbidden: the current password is wrong.
        TooMany: it was wrong too often.
    """
    with deps.work(caller) as work:
        user = work.people.member(caller.user_id).user
    tries = login_limits(user.email_key, device.address)
    deps.limits.claim(tries)
    if not deps.passwords.fits(user.password_hash, normalised(current)):
        raise Forbidden("the current password is wrong", code="bad_password")
    deps.limits.give_back(tries)
    hashed = deps.passwords.hash(new_password(new, email=user.email, name=user.name))
    with deps.work(caller) as work:
        work.people.set_password(user.id, hashed)
        work.audit.add("user.password", user.id)
        for session in work.sessions.living(user.id):
            if session.id != caller.session_id:
                revoke(work, session, End.PASSWORD)


def revoke(work: Work, session: Session, because: End) -> None:
    ended = session.revoked(because, at=work.now)
    work.sessions.save(ended)
    work.events.add(SessionRevoked(ended))
    work.audit.add("session.revoke", session.id, because=because.value)


def bump(work: Work, user_id: str) -> None:
    """End the user's access tokens of the caller's organisation; a refresh brings one with the present role."""
    for session in work.sessions.living(user_id):
        if session.org_id == work.caller.organisation:
            work.sessions.save(session.bumped())


def _prove(deps: Deps, password_hash: str | None, given: str, tries: tuple[Limit, ...]) -> None:
    if not deps.passwords.fits(password_hash, given):
        raise Unauthorized("e-mail address or password is wrong", code="bad_credentials")
    deps.limits.give_back(tries)


def _membership(deps: Deps, user: User, device: Device) -> Membership:
    """Where the user belongs, seen as that user: no organisation is known before."""
    with deps.work(Caller(user_id=user.id, request_id=device.request_id)) as work:
        membership = work.people.first_membership(user.id)
    if membership is None:
        raise Forbidden("you belong to no organisation", code="no_organisation")
    return membership


def _rotate(deps: Deps, work: Work, *, session_id: str, token: str) -> Begun | None:
    """One request of a family at a time; None if the session is over, be it by this very request."""
    session = work.sessions.locked(session_id)
    assert session is not None, "a token belongs to a session"
    presented = work.sessions.token(deps.secrets.digest(token))
    turn, successor = session.turn(presented, at=work.now), deps.secrets.successor(token)
    if turn is Turn.REUSED:
        revoke(work, session, End.REUSE)
    if turn in (Turn.REUSED, Turn.OVER):
        return None
    if turn is Turn.FRESH:
        following = RefreshToken(session.org_id, deps.secrets.digest(successor), session.id, work.now)
        work.sessions.succeed(replace(presented, used_at=work.now), following)
        work.sessions.save(session.used(work.now))
    try:
        member = work.people.member(session.user_id)
    except NotFound:
        revoke(work, session, End.REMOVED)
        return None
    return Begun(session.used(work.now), successor, member)


def _bad_token() -> Unauthorized:
    return Unauthorized("the refresh token does not hold", code="bad_refresh_token")
