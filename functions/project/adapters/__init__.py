"""Ports of this domain on PostgreSQL; row-level security keeps each transaction to its organisation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from functions.project.adapters.arrivals import SqlArrivals
from functions.project.adapters.blobs import SqlBlobs
from functions.project.adapters.projects import SqlProjects
from functions.project.adapters.uploads import SqlUploads
from functions.project.adapters.versions import SqlVersions
from functions.project.messages import encode
from functions.project.tables import commons
from kernel.identity import Caller
from kernel.work import Database, SharedWork, Transaction

__all__ = ["SqlArrivals", "SqlWork", "work"]


class SqlWork(SharedWork):
    """`ports.Work` on one transaction."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx, commons, encode)
        self.projects = SqlProjects(tx.connection)
        self.blobs = SqlBlobs(tx.connection, tx.caller)
        self.uploads = SqlUploads(tx.connection)
        self.versions = SqlVersions(tx.connection)


@contextmanager
def work(database: Database, caller: Caller) -> Iterator[SqlWork]:
    with database.transaction(caller) as tx:
        yield SqlWork(tx)
