"""The queue of what is told to the outside: in a unit of work, and over all organisations."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from functions.project.adapters.rows import after
from functions.project.ports.hooks import PostJob
from functions.project.tables import post_queue
from kernel.identity import Caller
from kernel.work import Database

LEASE_S = 3 * 60  # longer than a job may last
MOST_AT_HOST = 8  # at once, of all organisations
MOST_OF_ORGANISATION = 6  # at once
MOST_OF_BOTH = 2  # at once, of one organisation at one host
_CLAIM = sa.text("select pg_advisory_xact_lock(8240502)")  # one claim at a time: counts hold until it commits


class SqlPostQueue:
    """`ports.PostQueue`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def holds(self, job: PostJob) -> bool:
        query = sa.select(post_queue.c.id).where(*_held(job)).with_for_update()
        return self._connection.execute(query).first() is not None

    def end(self, job: PostJob) -> None:
        self._connection.execute(sa.delete(post_queue).where(*_held(job)))

    def postpone(self, job: PostJob, *, seconds: float, counts: bool) -> None:
        later = after(seconds / 2) + sa.func.random() * sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
        attempts = sa.func.greatest(post_queue.c.attempts - (0 if counts else 1), 0)
        back = {"holder": None, "leased_until": None, "run_at": later, "attempts": attempts}
        self._connection.execute(sa.update(post_queue).where(*_held(job)).values(back))

    def calm(self, job: PostJob, *, seconds: float) -> None:
        same = post_queue.c.org_id == job.org_id, post_queue.c.host == job.host, post_queue.c.kind == job.kind
        later = sa.func.greatest(post_queue.c.run_at, after(seconds))
        self._connection.execute(sa.update(post_queue).where(*same).values(run_at=later))


def _held(job: PostJob) -> tuple[sa.ColumnElement[bool], ...]:
    return post_queue.c.id == job.id, post_queue.c.holder == job.holder


class SqlPostJobs:
    """`ports.PostJobs`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, holder: str) -> PostJob | None:
        begun = sa.update(post_queue).where(post_queue.c.id == _next().scalar_subquery())
        begun = begun.values(holder=holder, leased_until=after(LEASE_S), attempts=post_queue.c.attempts + 1)
        named = [post_queue.c[name] for name in ("id", "kind", "org_id", "project_id", "host", "holder", "attempts")]
        with self._database.transaction(Caller.nobody()) as tx:
            tx.connection.execute(_CLAIM)
            row = tx.connection.execute(begun.returning(*named)).one_or_none()
        return PostJob(**row._mapping) if row is not None else None

    def forget(self, job: PostJob) -> None:
        with self._database.transaction(Caller.nobody()) as tx:
            tx.connection.execute(sa.delete(post_queue).where(*_held(job)))


def _next() -> sa.Select[Any]:
    """The id of the job to begin: due, not at work, and not in the way of others."""
    job, other = post_queue.alias("job"), post_queue.alias("other")
    runs = other.c.leased_until >= sa.func.now()

    def running(*same: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).where(runs, *same).scalar_subquery()

    at_host, of_organisation = other.c.host == job.c.host, other.c.org_id == job.c.org_id
    return (
        sa.select(job.c.id)
        .where(job.c.run_at <= sa.func.now())
        .where(job.c.leased_until.is_(None) | (job.c.leased_until < sa.func.now()))
        .where(running(at_host) < MOST_AT_HOST, running(of_organisation) < MOST_OF_ORGANISATION)
        .where(running(at_host, of_organisation) < MOST_OF_BOTH)
        .order_by(job.c.run_at, job.c.id)
        .limit(1)
    )
