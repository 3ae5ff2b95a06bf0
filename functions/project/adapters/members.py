"""Members of projects."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.project.adapters.rows import row_of
from functions.project.membership import Member, ProjectRole
from functions.project.tables import members
from kernel.errors import NotFound

_KEY = [members.c.org_id, members.c.project_id, members.c.user_id]


class SqlMembers:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def role_of(self, project_id: str, user_id: str) -> ProjectRole | None:
        role = self._connection.execute(sa.select(members.c.role).where(*_of(project_id, user_id))).scalar()
        return ProjectRole(role) if role is not None else None

    def page(self, project_id: str, *, after: str | None, limit: int) -> list[Member]:
        query = sa.select(members).where(members.c.project_id == project_id).order_by(members.c.user_id).limit(limit)
        if after is not None:
            query = query.where(members.c.user_id > after)
        return [Member(**{**row._mapping, "role": ProjectRole(row.role)}) for row in self._connection.execute(query)]

    def put(self, member: Member) -> None:
        row = insert(members).values(row_of(member, members))
        changed = {"role": row.excluded.role, "added_by": row.excluded.added_by, "added_at": row.excluded.added_at}
        self._connection.execute(row.on_conflict_do_update(index_elements=_KEY, set_=changed))

    def remove(self, project_id: str, user_id: str) -> None:
        gone = sa.delete(members).where(*_of(project_id, user_id))
        if self._connection.execute(gone).rowcount != 1:
            raise NotFound("no such member of this project", user_id=user_id)


def _of(project_id: str, user_id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return members.c.project_id == project_id, members.c.user_id == user_id
