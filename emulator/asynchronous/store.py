"""Durable jobs in SQLite: committed, and on the disk, before anyone is told that they are stored."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
create index if not exists due on jobs (function, due_at) where dead is null;
"""
_COLUMNS = "id, request_id, function, payload, accepted_at, due_at, attempts, stumbles"
_MAX_BATCH = 500


@dataclass(frozen=True, slots=True)
class Job:
    """An event for a function. `attempts` failed in the function, `stumbles` did not reach it."""

    id: int
    request_id: str
    function: str
    payload: bytes
    accepted_at: float
    due_at: float
    attempts: int = 0
    stumbles: int = 0


Work = Callable[[sqlite3.Connection], Any]


class Store:
    """One thread owns the database; what arrives while it commits shares the next commit."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: queue.SimpleQueue[tuple[Work, asyncio.Future[Any]] | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="emulator-store", daemon=True)

    def start(self) -> None:
        """Open the database.

        Raises:
            sqlite3.Error: it cannot be opened.
        """
        self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=wal", "synchronous=full", "busy_timeout=5000"):
            self._connection.execute(f"pragma {pragma}")
        self._connection.executescript(_SCHEMA)
        self._thread.start()

    async def stop(self) -> None:
        """Finish what was asked for and close."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._connection.close()

    async def add(self, request_id: str, function: str, payload: bytes, now: float) -> None:
        """Store a job that is due now; returns once it is on the disk."""
        values = (request_id, function, payload, now, now)
        await self._do(
            lambda database: database.execute(
                "insert into jobs (request_id, function, payload, accepted_at, due_at) values (?, ?, ?, ?, ?)", values
            )
        )

    async def functions(self) -> list[str]:
        """Return the functions that have live jobs."""
        rows = await self._do(
            lambda database: database.execute("select distinct function from jobs where dead is null").fetchall()
        )
        return [row[0] for row in rows]

    async def due(self, function: str, now: float, limit: int) -> list[Job]:
        """Return the jobs of a function that are due, longest due first."""
        text = f"select {_COLUMNS} from jobs where dead is null and function = ? and due_at <= ?"
        rows = await self._do(
            lambda database: database.execute(f"{text} order by due_at, id limit ?", (function, now, limit)).fetchall()
        )
        return [Job(*row) for row in rows]

    async def next_due(self, function: str, after: float) -> float | None:
        """Return when the next job of a function falls due, among those not due yet."""
        text = "select min(due_at) from jobs where dead is null and function = ? and due_at > ?"
        row = await self._do(lambda database: database.execute(text, (function, after)).fetchone())
        found: float | None = row[0]
        return found

    async def remove(self, job: Job) -> None:
        await self._do(lambda database: database.execute("delete from jobs where id = ?", (job.id,)))

    async def postpone(self, job: Job, *, due_at: float, attempts: int, stumbles: int) -> None:
        text = "update jobs set due_at = ?, attempts = ?, stumbles = ? where id = ?"
        await self._do(lambda database: database.execute(text, (due_at, attempts, stumbles, job.id)))

    async def bury(self, job: Job, reason: str) -> None:
        """Keep a job that will not be tried again, with the reason."""
        values = (reason, job.attempts, job.id)
        await self._do(lambda database: database.execute("update jobs set dead = ?, attempts = ? where id = ?", values))

    async def counts(self) -> dict[str, int]:
        """Return how many jobs are pending and how many are dead."""
        row = await self._do(lambda database: database.execute("select count(*), count(dead) from jobs").fetchone())
        return {"pending": row[0] - row[1], "dead": row[1]}

    async def dead(self, limit: int = 20) -> list[dict[str, Any]]:
        """Return the latest dead jobs, without their payload."""
        text = "select request_id, function, attempts, accepted_at, dead from jobs where dead is not null"
        rows = await self._do(
            lambda database: database.execute(f"{text} order by id desc limit ?", (limit,)).fetchall()
        )
        return [
            dict(zip(("request_id", "function", "attempts", "accepted_at", "reason"), row, strict=True)) for row in rows
        ]

    async def _do(self, work: Work) -> Any:
        done: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put((work, done))
        return await done

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            last = False
            while len(batch) < _MAX_BATCH and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    last = True
                    break
                batch.append(following)
            outcomes = self._commit(batch)
            self._loop.call_soon_threadsafe(_resolve, outcomes)
            if last:
                return

    def _commit(self, batch: list[tuple[Work, asyncio.Future[Any]]]) -> list[tuple[asyncio.Future[Any], Any]]:
        """Run a batch in one transaction; if it fails, all of it failed."""
        try:
            self._connection.execute("begin immediate")
            outcomes = [(done, work(self._connection)) for work, done in batch]
            self._connection.execute("commit")
        except sqlite3.Error as failed:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            return [(done, failed) for _, done in batch]
        return outcomes


def _resolve(outcomes: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for done, outcome in outcomes:
        if done.done():
            continue
        if isinstance(outcome, Exception):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)
