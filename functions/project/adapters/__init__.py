"""Ports of this domain on PostgreSQL; row-level security keeps each transaction to its organisation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from functions.project.adapters.arrivals import SqlArrivals
from functions.project.adapters.blobs import SqlBlobs
from functions.project.adapters.erasing import SqlErasing
from functions.project.adapters.exports import SqlExports
from functions.project.adapters.fetches import SqlFetches, SqlFetchQueue
from functions.project.adapters.garbage import SqlGarbage
from functions.project.adapters.members import SqlMembers
from functions.project.adapters.objects import SqlObjects
from functions.project.adapters.post_queue import SqlPostJobs, SqlPostQueue
from functions.project.adapters.postings import SqlPostings
from functions.project.adapters.projects import SqlProjects
from functions.project.adapters.repositories import SqlHookDeliveries, SqlPullRequests, SqlRepositories
from functions.project.adapters.settings import SqlLines, SqlProjectSettings
from functions.project.adapters.tasks import SqlTasks, SqlToDo
from functions.project.adapters.uploads import SqlUploads
from functions.project.adapters.versions import SqlVersions
from functions.project.adapters.webhooks import SqlDeliveries, SqlWebhooks
from functions.project.messages import encode
from functions.project.tables import commons
from kernel.identity import Caller
from kernel.work import Database, SharedWork, Transaction

__all__ = ["SqlArrivals", "SqlFetchQueue", "SqlPostJobs", "SqlTasks", "SqlWork", "work"]


class SqlWork(SharedWork):
    """`ports.Work` on one transaction."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx, commons, encode)
        self.projects = SqlProjects(tx.connection)
        self.blobs = SqlBlobs(tx.connection, tx.caller)
        self.uploads = SqlUploads(tx.connection)
        self.versions = SqlVersions(tx.connection)
        self.members = SqlMembers(tx.connection)
        self.objects = SqlObjects(tx.connection, tx.caller)
        self.exports = SqlExports(tx.connection)
        self.garbage = SqlGarbage(tx.connection)
        self.erasing = SqlErasing(tx.connection, tx.caller)
        self.todo = SqlToDo(tx.connection, tx.caller)
        self.settings = SqlProjectSettings(tx.connection, tx.caller)
        self.lines = SqlLines(tx.connection)
        self.repositories = SqlRepositories(tx.connection)
        self.fetches = SqlFetches(tx.connection)
        self.pull_requests = SqlPullRequests(tx.connection)
        self.hook_deliveries = SqlHookDeliveries(tx.connection)
        self.webhooks = SqlWebhooks(tx.connection)
        self.deliveries = SqlDeliveries(tx.connection)
        self.postings = SqlPostings(tx.connection)
        self.posts = SqlPostQueue(tx.connection)


@contextmanager
def work(database: Database, caller: Caller) -> Iterator[SqlWork]:
    with database.transaction(caller) as tx:
        yield SqlWork(tx)
