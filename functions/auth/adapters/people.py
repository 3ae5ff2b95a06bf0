"""Users, organisations and memberships on PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from functions.auth.model.people import Member, Membership, Organisation, Role, User
from functions.auth.tables import memberships, organisations, users
from kernel.errors import Conflict, NotFound

_FIRST_USER = 0x61757468  # "auth": the lock that set-ups queue for
_MEMBERS = (
    sa.select(users, organisations, memberships.c.role)
    .select_from(
        memberships.join(users, users.c.id == memberships.c.user_id).join(
            organisations, organisations.c.id == memberships.c.org_id
        )
    )
    .set_label_style(sa.LABEL_STYLE_TABLENAME_PLUS_COL)
)


class SqlPeople:
    """`ports.People`; row-level security keeps memberships to the caller's organisation and own ones."""

    def __init__(self, connection: sa.Connection, org_id: str | None) -> None:
        self._connection = connection
        self._org_id = org_id

    def nobody_yet(self) -> bool:
        self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_FIRST_USER)))
        return self._connection.execute(sa.select(users.c.id).limit(1)).first() is None

    def user_by_email(self, email_key: str) -> User | None:
        row = self._connection.execute(sa.select(users).where(users.c.email_key == email_key)).one_or_none()
        return User(**row._mapping) if row else None

    def add(self, user: User) -> None:
        values = {column.name: getattr(user, column.name) for column in users.columns}
        try:
            self._connection.execute(sa.insert(users).values(values))
        except IntegrityError as clash:
            raise Conflict("this e-mail address has an account", code="email_taken") from clash

    def set_password(self, user_id: str, password_hash: str) -> None:
        change = sa.update(users).where(users.c.id == user_id).values(password_hash=password_hash)
        self._connection.execute(change)

    def found(self, organisation: Organisation) -> None:
        values = {column.name: getattr(organisation, column.name) for column in organisations.columns}
        self._connection.execute(sa.insert(organisations).values(values))

    def join(self, membership: Membership) -> None:
        values = {column.name: getattr(membership, column.name) for column in memberships.columns}
        self._connection.execute(sa.insert(memberships).values(values))

    def first_membership(self, user_id: str) -> Membership | None:
        mine = sa.select(memberships).where(memberships.c.user_id == user_id)
        row = self._connection.execute(mine.order_by(memberships.c.created_at).limit(1)).one_or_none()
        return _membership(row) if row else None

    def member(self, user_id: str) -> Member:
        row = self._connection.execute(self._members().where(users.c.id == user_id)).one_or_none()
        if row is None:
            raise NotFound("no such member", user_id=user_id)
        return _member(row)

    def members(self, *, after: str | None, limit: int) -> list[Member]:
        query = self._members().order_by(users.c.id).limit(limit)
        if after is not None:
            query = query.where(users.c.id > after)
        return [_member(row) for row in self._connection.execute(query)]

    def locked_membership(self, user_id: str) -> tuple[Membership, int]:
        """All memberships of the organisation are locked, in one order: owners must not leave side by side."""
        here = sa.select(memberships).where(memberships.c.org_id == self._org_id).order_by(memberships.c.user_id)
        found = [_membership(row) for row in self._connection.execute(here.with_for_update())]
        wanted = next((membership for membership in found if membership.user_id == user_id), None)
        if wanted is None:
            raise NotFound("no such member", user_id=user_id)
        return wanted, sum(membership.role is Role.OWNER for membership in found)

    def set_role(self, user_id: str, role: Role) -> None:
        self._connection.execute(sa.update(memberships).where(self._of(user_id)).values(role=role.value))

    def leave(self, user_id: str) -> None:
        self._connection.execute(sa.delete(memberships).where(self._of(user_id)))

    def _members(self) -> sa.Select[tuple[object, ...]]:
        return _MEMBERS.where(memberships.c.org_id == self._org_id)

    def _of(self, user_id: str) -> sa.ColumnElement[bool]:
        return (memberships.c.org_id == self._org_id) & (memberships.c.user_id == user_id)


def _membership(row: sa.Row[tuple[object, ...]]) -> Membership:
    fields = dict(row._mapping)
    return Membership(**fields | {"role": Role(fields["role"])})


def _member(row: sa.Row[tuple[object, ...]]) -> Member:
    found = row._mapping
    return Member(
        user=User(**{column.name: found[f"auth_users_{column.name}"] for column in users.columns}),
        organisation=Organisation(
            **{column.name: found[f"auth_organisations_{column.name}"] for column in organisations.columns}
        ),
        role=Role(found["auth_memberships_role"]),
    )
