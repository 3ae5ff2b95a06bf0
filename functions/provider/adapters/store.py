"""Providers in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from functions.provider.messages import encode
from functions.provider.model import Provider, ProviderKind
from functions.provider.tables import commons, providers
from kernel.errors import Conflict, NotFound
from kernel.identity import Caller
from kernel.work import Database, SharedWork, Transaction


class SqlWork(SharedWork):
    """`ports.Work` on one transaction."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx, commons, encode)
        self.providers = SqlProviders(tx.connection)


@contextmanager
def work(database: Database, caller: Caller) -> Iterator[SqlWork]:
    with database.transaction(caller) as tx:
        yield SqlWork(tx)


class SqlProviders:
    """`ports.Providers`; row-level security keeps it to the caller's organisation."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, provider_id: str) -> Provider:
        row = self._connection.execute(sa.select(providers).where(providers.c.id == provider_id)).one_or_none()
        if row is None:
            raise NotFound("no such provider", provider_id=provider_id)
        return _provider(row)

    def page(self, *, after: str | None, limit: int) -> list[Provider]:
        query = sa.select(providers).order_by(providers.c.id).limit(limit)
        if after is not None:
            query = query.where(providers.c.id > after)
        return [_provider(row) for row in self._connection.execute(query)]

    def default(self) -> Provider | None:
        row = self._connection.execute(sa.select(providers).where(providers.c.is_default)).one_or_none()
        return _provider(row) if row is not None else None

    def demote_default(self) -> None:
        changed = {"is_default": False, "revision": providers.c.revision + 1}
        self._connection.execute(sa.update(providers).where(providers.c.is_default).values(changed))

    def add(self, provider: Provider) -> None:
        try:
            self._connection.execute(sa.insert(providers).values(_row(provider)))
        except IntegrityError as clash:
            raise Conflict("this name or the default was just taken", name=provider.name) from clash


def _provider(row: sa.Row[Any]) -> Provider:
    fields = dict(row._mapping)
    return Provider(**fields | {"kind": ProviderKind(fields["kind"])})


def _row(provider: Provider) -> dict[str, object]:
    return {column.name: getattr(provider, column.name) for column in providers.columns}
