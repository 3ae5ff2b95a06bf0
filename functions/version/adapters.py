"""Ports of this domain on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from functions.version.messages import encode
from functions.version.model import Experiment, ExperimentState
from functions.version.tables import commons, experiments
from kernel.errors import Conflict, NotFound, Stale
from kernel.identity import Caller
from kernel.work import Database, SharedWork, Transaction


class SqlWork(SharedWork):
    """`ports.Work` on one transaction."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx, commons, encode)
        self.experiments = SqlExperiments(tx.connection)


@contextmanager
def work(database: Database, caller: Caller) -> Iterator[SqlWork]:
    with database.transaction(caller) as tx:
        yield SqlWork(tx)


class SqlExperiments:
    """`ports.Experiments`; row-level security keeps it to the caller's organisation."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, experiment_id: str) -> Experiment:
        row = self._connection.execute(sa.select(experiments).where(experiments.c.id == experiment_id)).one_or_none()
        if row is None:
            raise NotFound("no such experiment", experiment_id=experiment_id)
        return _experiment(row)

    def page(self, *, after: str | None, limit: int) -> list[Experiment]:
        query = sa.select(experiments).order_by(experiments.c.id).limit(limit)
        if after is not None:
            query = query.where(experiments.c.id > after)
        return [_experiment(row) for row in self._connection.execute(query)]

    def add(self, experiment: Experiment) -> None:
        try:
            self._connection.execute(sa.insert(experiments).values(_row(experiment)))
        except IntegrityError as clash:
            raise Conflict("an experiment has this name already", name=experiment.name) from clash

    def save(self, experiment: Experiment) -> None:
        before = (experiments.c.id == experiment.id) & (experiments.c.revision == experiment.revision - 1)
        changed = self._connection.execute(sa.update(experiments).where(before).values(_row(experiment)))
        if changed.rowcount != 1:
            raise Stale("the experiment has changed", experiment_id=experiment.id)


def _experiment(row: sa.Row[Any]) -> Experiment:
    fields = dict(row._mapping)
    return Experiment(**fields | {"state": ExperimentState(fields["state"])})


def _row(experiment: Experiment) -> dict[str, object]:
    return {column.name: getattr(experiment, column.name) for column in experiments.columns}
