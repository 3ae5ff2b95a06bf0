"""One transaction of this domain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from functions.auth.adapters.people import SqlPeople
from functions.auth.adapters.sessions import SqlSessions, Tell
from functions.auth.messages import encode
from functions.auth.model.people import Invitation, Role
from functions.auth.tables import commons, invitations
from kernel.identity import Caller
from kernel.work import Database, SharedWork, Transaction


class SqlWork(SharedWork):
    """`ports.Work` on one transaction."""

    def __init__(self, tx: Transaction, tell: Tell) -> None:
        super().__init__(tx, commons, encode)
        self.people = SqlPeople(tx.connection, tx.caller.org_id)
        self.sessions = SqlSessions(tx, tell)
        self.invitations = SqlInvitations(tx.connection)


@contextmanager
def work(database: Database, tell: Tell, caller: Caller) -> Iterator[SqlWork]:
    with database.transaction(caller) as tx:
        yield SqlWork(tx, tell)


class SqlInvitations:
    """`ports.Invitations`; row-level security keeps it to the organisation that the token names."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, invitation: Invitation) -> None:
        self._connection.execute(sa.insert(invitations).values(_row(invitation)))

    def locked(self, invitation_id: str) -> Invitation | None:
        query = sa.select(invitations).where(invitations.c.id == invitation_id).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return Invitation(**dict(row._mapping) | {"role": Role(row.role)}) if row else None

    def save(self, invitation: Invitation) -> None:
        change = sa.update(invitations).where(invitations.c.id == invitation.id)
        self._connection.execute(change.values(_row(invitation)))


def _row(invitation: Invitation) -> dict[str, object]:
    return {column.name: getattr(invitation, column.name) for column in invitations.columns}
