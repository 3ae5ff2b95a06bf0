"""Ports of this domain on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from functions.comparison.messages import encode
from functions.comparison.model import Comparison, ComparisonState, Metric
from functions.comparison.tables import commons, comparisons
from kernel.errors import Conflict, NotFound
from kernel.identity import Caller
from kernel.work import Database, SharedWork, Transaction


class SqlWork(SharedWork):
    """`ports.Work` on one transaction."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx, commons, encode)
        self.comparisons = SqlComparisons(tx.connection)


@contextmanager
def work(database: Database, caller: Caller) -> Iterator[SqlWork]:
    with database.transaction(caller) as tx:
        yield SqlWork(tx)


class SqlComparisons:
    """`ports.Comparisons`; row-level security keeps it to the caller's organisation."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, comparison_id: str) -> Comparison:
        row = self._connection.execute(sa.select(comparisons).where(comparisons.c.id == comparison_id)).one_or_none()
        if row is None:
            raise NotFound("no such comparison", comparison_id=comparison_id)
        return _comparison(row)

    def page(self, *, after: str | None, limit: int) -> list[Comparison]:
        query = sa.select(comparisons).order_by(comparisons.c.id).limit(limit)
        if after is not None:
            query = query.where(comparisons.c.id > after)
        return [_comparison(row) for row in self._connection.execute(query)]

    def add(self, comparison: Comparison) -> None:
        try:
            self._connection.execute(sa.insert(comparisons).values(_row(comparison)))
        except IntegrityError as clash:
            raise Conflict("a comparison has this name already", name=comparison.name) from clash


def _comparison(row: sa.Row[Any]) -> Comparison:
    fields = dict(row._mapping)
    return Comparison(**fields | {"state": ComparisonState(fields["state"]), "metric": Metric(fields["metric"])})


def _row(comparison: Comparison) -> dict[str, object]:
    return {column.name: getattr(comparison, column.name) for column in comparisons.columns}
