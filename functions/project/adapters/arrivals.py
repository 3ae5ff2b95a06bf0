"""Uploads of all organisations that wait."""

from __future__ import annotations

import sqlalchemy as sa

from functions.project.adapters.rows import after
from functions.project.limits import LEASE_S
from functions.project.tables import arrivals
from kernel.identity import Caller
from kernel.work import Database


class SqlArrivals:
    """`ports.Arrivals`; each method is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, key: str) -> int | None:
        begun = sa.update(arrivals).where(arrivals.c.key == key)
        begun = begun.values(attempts=arrivals.c.attempts + 1, check_at=after(LEASE_S))
        with self._database.transaction(Caller.nobody()) as tx:
            return tx.connection.execute(begun.returning(arrivals.c.attempts)).scalar_one_or_none()

    def due(self, limit: int) -> list[str]:
        query = sa.select(arrivals.c.key).where(arrivals.c.check_at < sa.func.now()).order_by(arrivals.c.check_at)
        with self._database.transaction(Caller.nobody()) as tx:
            return list(tx.connection.execute(query.limit(limit)).scalars())

    def postpone(self, key: str, *, seconds: float) -> None:
        later = sa.update(arrivals).where(arrivals.c.key == key)
        later = later.values(attempts=arrivals.c.attempts - 1, check_at=after(seconds))
        with self._database.transaction(Caller.nobody()) as tx:
            tx.connection.execute(later)
