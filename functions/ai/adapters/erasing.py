"""Reviews of deleted projects, batch by batch."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.ai.tables import comments, completions, erased, reviews, unfinished
from kernel.identity import Caller

_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('ai project ' || :project, 0))")
_LOCK_SHARED = sa.text("SELECT pg_advisory_xact_lock_shared(hashtextextended('ai project ' || :project, 0))")


class SqlErasing:
    """`ports.Erasing`; row-level security keeps it to the caller's organisation."""

    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection = connection
        self._caller = caller

    def is_gone(self, project_id: str) -> bool:
        self._connection.execute(_LOCK_SHARED, {"project": project_id})
        query = sa.select(erased.c.project_id).where(erased.c.project_id == project_id)
        return self._connection.execute(query).first() is not None

    def begin(self, project_id: str) -> bool:
        self._connection.execute(_LOCK, {"project": project_id})
        row = insert(erased).values(org_id=self._caller.organisation, project_id=project_id)
        return self._connection.execute(row.on_conflict_do_nothing().returning(erased.c.project_id)).first() is not None

    def some(self, project_id: str, *, limit: int) -> int:
        query = sa.select(reviews.c.id).where(reviews.c.project_id == project_id).order_by(reviews.c.id).limit(limit)
        ids = list(self._connection.execute(query).scalars())
        for table in (comments, completions, unfinished):
            self._connection.execute(sa.delete(table).where(table.c.review_id.in_(ids)))
        self._connection.execute(sa.delete(reviews).where(reviews.c.id.in_(ids)))
        return len(ids)
