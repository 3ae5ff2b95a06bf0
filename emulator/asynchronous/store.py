"""Durable jobs: an event leaves only when the function answered it, a record only when its destination has it."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from emulator.asynchronous.database import Database, add_missing
from emulator.asynchronous.letters import Letters
from emulator.asynchronous.model import Handover, Job, New

log = logging.getLogger(__name__)
_SCHEMA = """
create table if not exists jobs (
    id integer primary key,
    request_id text not null,
    function text not null,
    payload blob not null,
    accepted_at real not null,
    due_at real not null,
    attempts integer not null default 0,
    stumbles integer not null default 0,
    dead text
);
"""
_LATER = (
    ("origin", "text not null default 'invoke'"),
    ("trace_id", "text"),
    ("destination", "text"),
    ("attributes", "text not null default '{}'"),
    ("note", "text not null default ''"),
    ("dead_at", "real"),
    ("lane", "text"),
    ("qualifier", "text not null default ''"),
)
_INDEXES = """
drop index if exists due;
update jobs set lane = function where lane is null;
update jobs set dead_at = accepted_at where dead is not null and dead_at is null;
create index if not exists due_in_lane on jobs (lane, due_at) where dead is null;
create index if not exists dead_letters on jobs (dead_at) where dead is not null;
create table if not exists ticks (rule text, due_at real, primary key (rule, due_at)) without rowid;
create table if not exists anchors (rule text primary key, at real not null) without rowid;
"""
_COLUMNS = (
    "id, request_id, function, payload, accepted_at, due_at, attempts, stumbles,"
    " origin, trace_id, destination, attributes, note, qualifier"
)
_INSERT = (
    "insert into jobs (request_id, function, payload, accepted_at, due_at, attempts, origin, trace_id,"
    " destination, attributes, note, lane, qualifier) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Store:
    """Jobs by lane: a function's events are one, each destination's records another."""

    def __init__(self, path: Path | None) -> None:
        self._database = Database(path)
        self.letters = Letters(self._database)
        self._trouble = ""

    def start(self) -> None:
        """Open the database.

        Raises:
            sqlite3.Error: it cannot be opened.
        """
        self._database.start(_prepare)

    async def stop(self) -> None:
        """Finish what was asked for and close."""
        await self._database.stop()

    def trouble(self, broken: sqlite3.Error) -> None:
        """Say once that the disk is full, or whatever it is; until it is well, events run again and again."""
        if str(broken) != self._trouble:
            self._trouble = str(broken)
            log.error("the queue of asynchronous invokes cannot be read or written: %s", broken)

    async def add(self, new: New, now: float) -> None:
        """Store an event that is due now; returns once it is on the disk."""
        await self._database.do(lambda database: _insert(database, new, now))
        self._trouble = ""

    async def tick(self, rule: str, due_at: float, new: New, now: float) -> bool:
        """Store the event of a schedule's firing, unless that firing was stored before. Both or nothing."""

        def work(database: sqlite3.Connection) -> bool:
            first = database.execute("insert or ignore into ticks values (?, ?)", (rule, due_at)).rowcount == 1
            if first:
                database.execute("delete from ticks where rule = ? and due_at < ?", (rule, due_at - 86_400))
                _insert(database, new, now)
            return first

        done: bool = await self._database.do(work)
        return done

    async def anchor(self, rule: str, now: float) -> float:
        """Return from when a rule counts: when it was first seen, by whoever saw it first."""

        def work(database: sqlite3.Connection) -> float:
            database.execute("insert or ignore into anchors values (?, ?)", (rule, now))
            found: float = database.execute("select at from anchors where rule = ?", (rule,)).fetchone()[0]
            return found

        at: float = await self._database.do(work)
        return at

    async def lanes(self) -> list[tuple[str, str, str | None]]:
        """Return the lanes with live jobs: name, function, destination."""
        text = "select lane, min(function), min(destination) from jobs where dead is null group by lane"
        rows = await self._database.do(lambda database: database.execute(text).fetchall())
        return [(row[0], row[1], row[2]) for row in rows]

    async def due(self, lane: str, now: float, limit: int) -> list[Job]:
        """Return the jobs of a lane that are due, longest due first."""
        text = (
            f"select {_COLUMNS} from jobs where dead is null and lane = ? and due_at <= ? order by due_at, id limit ?"
        )
        rows = await self._database.do(lambda database: database.execute(text, (lane, now, limit)).fetchall())
        return [Job(*row) for row in rows]

    async def next_due(self, lane: str, after: float) -> float | None:
        """Return when the next job of a lane falls due, among those not due yet."""
        text = "select min(due_at) from jobs where dead is null and lane = ? and due_at > ?"
        row = await self._database.do(lambda database: database.execute(text, (lane, after)).fetchone())
        found: float | None = row[0]
        return found

    async def settle(self, job: Job, follow: Sequence[Handover] = (), *, now: float, note: str = "") -> None:
        """Remove a job and store the records that follow from it, in one transaction."""

        def work(database: sqlite3.Connection) -> None:
            database.execute("delete from jobs where id = ?", (job.id,))
            for each in follow:
                database.execute(_INSERT, _record(job, each, now, note))

        await self._database.do(work)

    async def postpone(self, job: Job, *, due_at: float, attempts: int, stumbles: int) -> None:
        text = "update jobs set due_at = ?, attempts = ?, stumbles = ? where id = ?"
        await self._database.do(lambda database: database.execute(text, (due_at, attempts, stumbles, job.id)))

    async def counts(self) -> dict[str, int]:
        """Return how many jobs are pending and how many are dead."""
        text = "select count(*), count(dead) from jobs"
        row = await self._database.do(lambda database: database.execute(text).fetchone())
        return {"pending": row[0] - row[1], "dead": row[1]}


def lane_of(destination: str | None, function: str) -> str:
    """Return the lane of a job. A destination that is away holds up no function and no other destination."""
    return function if destination is None else f"to {destination}"


def _prepare(connection: sqlite3.Connection) -> None:
    connection.executescript(_SCHEMA)
    add_missing(connection, "jobs", _LATER)
    connection.executescript(_INDEXES)


def _insert(database: sqlite3.Connection, new: New, now: float) -> None:
    values = (new.request_id, new.function, new.payload, now, now, 0, new.origin, new.trace_id, None, "{}", "")
    database.execute(_INSERT, (*values, new.function, new.qualifier))


def _record(job: Job, handover: Handover, now: float, note: str) -> tuple[object, ...]:
    attributes = json.dumps(dict(handover.attributes))
    lane = lane_of(handover.destination, job.function)
    head = (job.request_id, job.function, handover.document, job.accepted_at, now, job.attempts)
    return (*head, job.origin, job.trace_id, handover.destination, attributes, note, lane, job.qualifier)
