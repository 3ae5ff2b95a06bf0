"""Fetches of an organisation, and the queue of all of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.project.adapters.rows import after, row_of
from functions.project.model import Version
from functions.project.ports.repositories import FetchJob, Hook
from functions.project.repositories import Fetch, FetchKind, FetchState
from functions.project.tables import fetch_queue, fetches, hooks, versions
from kernel.errors import NotFound
from kernel.identity import Caller
from kernel.work import Database

LEASE_S = 6 * 60  # longer than the function may run
MOST_AT_HOST = 8  # at once, of all organisations: a host for all, like github.com, is not asked by hundreds
MOST_OF_ORGANISATION = 4  # at once
MOST_OF_BOTH = 2  # at once, of one organisation at one host
_CLAIM = sa.text("select pg_advisory_xact_lock(8240501)")  # one claim at a time: counts hold until it commits


class SqlFetches:
    """`ports.Fetches`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, fetch_id: str) -> Fetch:
        return self._one(sa.select(fetches).where(fetches.c.id == fetch_id))

    def lock(self, fetch_id: str) -> Fetch:
        return self._one(sa.select(fetches).where(fetches.c.id == fetch_id).with_for_update())

    def ask(self, fetch: Fetch, host: str) -> Fetch:
        row = insert(fetches).values(_row(fetch)).on_conflict_do_nothing()
        if self._connection.execute(row.returning(fetches.c.id)).first() is None:
            waits = fetches.c.state == FetchState.QUEUED, fetches.c.attempts == 0
            same = fetches.c.project_id == fetch.project_id, fetches.c.kind == fetch.kind, fetches.c.ref == fetch.ref
            return self._one(sa.select(fetches).where(*waits, *same))
        job = {"fetch_id": fetch.id, "org_id": fetch.org_id, "project_id": fetch.project_id, "host": host}
        self._connection.execute(sa.insert(fetch_queue).values(**job, run_at=sa.func.now()))
        return fetch

    def waiting(self, project_id: str) -> int:
        mine = fetches.c.project_id == project_id, fetches.c.state == FetchState.QUEUED
        return self._connection.execute(sa.select(sa.func.count()).where(*mine)).scalar_one()

    def holds(self, job: FetchJob) -> bool:
        mine = fetch_queue.c.fetch_id == job.fetch_id, fetch_queue.c.holder == job.holder
        query = sa.select(fetch_queue.c.fetch_id).where(*mine).with_for_update()
        return self._connection.execute(query).first() is not None

    def save(self, fetch: Fetch) -> None:
        self._connection.execute(sa.update(fetches).where(fetches.c.id == fetch.id).values(_row(fetch)))
        if fetch.is_over:
            self._connection.execute(sa.delete(fetch_queue).where(fetch_queue.c.fetch_id == fetch.id))

    def postpone(self, job: FetchJob, *, seconds: float, counts: bool) -> None:
        later = after(seconds / 2) + sa.func.random() * sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
        given_back = sa.update(fetch_queue).where(fetch_queue.c.fetch_id == job.fetch_id)
        attempts = fetch_queue.c.attempts - (0 if counts else 1)
        self._connection.execute(given_back.values(holder=None, leased_until=None, run_at=later, attempts=attempts))

    def page(self, project_id: str, *, after: str | None, limit: int) -> list[Fetch]:
        query = sa.select(fetches).where(fetches.c.project_id == project_id)
        if after is not None:
            query = query.where(fetches.c.id < after)
        return [_fetch(row) for row in self._connection.execute(query.order_by(fetches.c.id.desc()).limit(limit))]

    def of_commit(self, project_id: str, commit: str, tree_sha256: str) -> Version | None:
        same = versions.c.commit == commit, versions.c.tree_sha256 == tree_sha256
        query = sa.select(versions).where(versions.c.project_id == project_id, *same)
        query = query.order_by(versions.c.main.desc(), versions.c.id.desc()).limit(1)
        row = self._connection.execute(query).one_or_none()
        return Version(**row._mapping) if row is not None else None

    def _one(self, query: sa.Select[Any]) -> Fetch:
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("no such fetch")
        return _fetch(row)


def _row(fetch: Fetch) -> dict[str, object]:
    return row_of(fetch, fetches) | {"notes": [list(note) for note in fetch.notes]}


def _fetch(row: sa.Row[Any]) -> Fetch:
    fields = dict(row._mapping)
    notes = tuple((path, code) for path, code in fields["notes"])
    kinds = {"kind": FetchKind(fields["kind"]), "state": FetchState(fields["state"])}
    return Fetch(**fields | kinds | {"notes": notes})


class SqlFetchQueue:
    """`ports.FetchQueue`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hook(self, hook_id: str) -> Hook | None:
        query = sa.select(hooks.c.id, hooks.c.org_id, hooks.c.project_id).where(hooks.c.id == hook_id)
        with self._database.transaction(Caller.nobody()) as tx:
            row = tx.connection.execute(query).one_or_none()
        return Hook(*row) if row is not None else None

    def claim(self, holder: str) -> FetchJob | None:
        begun = sa.update(fetch_queue).where(fetch_queue.c.fetch_id == _next().scalar_subquery())
        begun = begun.values(holder=holder, leased_until=after(LEASE_S), attempts=fetch_queue.c.attempts + 1)
        named = (fetch_queue.c.fetch_id, fetch_queue.c.org_id, fetch_queue.c.project_id)
        with self._database.transaction(Caller.nobody()) as tx:
            tx.connection.execute(_CLAIM)
            row = tx.connection.execute(begun.returning(*named, fetch_queue.c.attempts)).one_or_none()
        return FetchJob(row[0], row[1], row[2], holder, row[3]) if row is not None else None

    def forget(self, job: FetchJob) -> None:
        gone = sa.delete(fetch_queue).where(fetch_queue.c.fetch_id == job.fetch_id)
        with self._database.transaction(Caller.nobody()) as tx:
            tx.connection.execute(gone)


def _next() -> sa.Select[Any]:
    """The id of the fetch to begin: due, not at work, and not in the way of others."""
    job, other = fetch_queue.alias("job"), fetch_queue.alias("other")
    runs = other.c.leased_until >= sa.func.now()

    def running(*same: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).where(runs, *same).scalar_subquery()

    at_host, of_organisation = other.c.host == job.c.host, other.c.org_id == job.c.org_id
    return (
        sa.select(job.c.fetch_id)
        .where(job.c.run_at <= sa.func.now())
        .where(job.c.leased_until.is_(None) | (job.c.leased_until < sa.func.now()))
        .where(running(other.c.project_id == job.c.project_id, of_organisation) == 0)
        .where(running(at_host) < MOST_AT_HOST, running(of_organisation) < MOST_OF_ORGANISATION)
        .where(running(at_host, of_organisation) < MOST_OF_BOTH)
        .order_by(job.c.run_at, job.c.fetch_id)
        .limit(1)
    )
