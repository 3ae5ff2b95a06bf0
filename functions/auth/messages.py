"""What this domain tells the others: domain events as CloudEvents on `coderev.auth.v1`."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from functions.auth.model.people import UserRegistered
from functions.auth.model.sessions import Session, SessionRevoked
from kernel.events import Message

TOPIC = "coderev.auth.v1"


class UserRegisteredData(BaseModel):
    """No name and no address: other domains know people by their ids."""

    user_id: str
    org_id: str
    role: str
    registered_at: datetime


class SessionRevokedData(BaseModel):
    session_id: str
    user_id: str
    org_id: str
    reason: str
    revoked_at: datetime


def encode(event: object) -> Message:
    match event:
        case UserRegistered(user, org_id, role):
            data = UserRegisteredData(user_id=user.id, org_id=org_id, role=role.value, registered_at=user.created_at)
            return Message(topic=TOPIC, type="user.registered", key=user.id, data=data)
        case SessionRevoked(session):
            return Message(topic=TOPIC, type="session.revoked", key=session.id, data=_revoked(session))
    raise TypeError(f"no message for {type(event).__name__}")


def _revoked(session: Session) -> SessionRevokedData:
    assert session.revoked_at is not None, "the event says that it was"
    return SessionRevokedData(
        session_id=session.id,
        user_id=session.user_id,
        org_id=session.org_id,
        reason=session.revoked_because or "",
        revoked_at=session.revoked_at,
    )
