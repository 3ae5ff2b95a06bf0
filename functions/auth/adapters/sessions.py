"""Sessions and their refresh tokens on PostgreSQL; changes of an epoch are told to Redis after the commit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

import sqlalchemy as sa

from functions.auth.model.sessions import ENDED, RefreshToken, Session
from functions.auth.tables import refresh_tokens, sessions
from kernel.work import Transaction

Tell = Callable[[str, int], None]
KEEP_OVER = sa.text("now() - interval '30 days'")


class SqlSessions:
    """`ports.Sessions`."""

    def __init__(self, tx: Transaction, tell: Tell) -> None:
        self._connection = tx.connection
        self._after = tx.after
        self._tell = tell

    def add(self, session: Session, token: RefreshToken) -> None:
        """Store both; the user's sessions that have long been over are forgotten."""
        over = (sessions.c.user_id == session.user_id) & (sessions.c.expires_at < KEEP_OVER)
        self._connection.execute(sa.delete(sessions).where(over))
        self._connection.execute(sa.insert(sessions).values(_row(session)))
        self._store(token)
        self._after.append(partial(self._tell, session.id, session.epoch))

    def of_token(self, digest: bytes) -> Session | None:
        query = sa.select(sessions).join(refresh_tokens).where(refresh_tokens.c.digest == digest)
        row = self._connection.execute(query).one_or_none()
        return Session(**row._mapping) if row else None

    def locked(self, session_id: str) -> Session | None:
        if not _is_id(session_id):
            return None
        query = sa.select(sessions).where(sessions.c.id == session_id).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return Session(**row._mapping) if row else None

    def token(self, digest: bytes) -> RefreshToken:
        row = self._connection.execute(sa.select(refresh_tokens).where(refresh_tokens.c.digest == digest)).one()
        return RefreshToken(**row._mapping)

    def succeed(self, token: RefreshToken, successor: RefreshToken) -> None:
        used = sa.update(refresh_tokens).where(refresh_tokens.c.digest == token.digest)
        self._connection.execute(used.values(used_at=token.used_at))
        self._store(successor)

    def save(self, session: Session) -> None:
        self._connection.execute(sa.update(sessions).where(sessions.c.id == session.id).values(_row(session)))
        epoch = ENDED if session.revoked_at else session.epoch
        self._after.append(partial(self._tell, session.id, epoch))

    def living(self, user_id: str) -> list[Session]:
        alive = sessions.c.revoked_at.is_(None) & (sessions.c.expires_at > sa.func.now())
        query = sa.select(sessions).where((sessions.c.user_id == user_id) & alive)
        rows = self._connection.execute(query.order_by(sessions.c.id.desc()).with_for_update())
        return [Session(**row._mapping) for row in rows]

    def _store(self, token: RefreshToken) -> None:
        values = {column.name: getattr(token, column.name) for column in refresh_tokens.columns}
        self._connection.execute(sa.insert(refresh_tokens).values(values))


def _row(session: Session) -> dict[str, object]:
    return {column.name: getattr(session, column.name) for column in sessions.columns}


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
