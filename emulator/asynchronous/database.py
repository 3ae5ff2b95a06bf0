"""SQLite behind one thread: what arrives while it commits shares the next commit."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Work = Callable[[sqlite3.Connection], Any]
Ask = tuple[Work, asyncio.Future[Any]]
_MAX_BATCH = 500


class Database:
    """Committed, and on the disk, before anyone is told so. Without a path it lives in memory."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._queue: queue.SimpleQueue[Ask | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="emulator-store", daemon=True)

    def start(self, prepare: Callable[[sqlite3.Connection], None]) -> None:
        """Open the database and bring its tables to their newest state.

        Raises:
            sqlite3.Error: it cannot be opened.
        """
        where = ":memory:" if self._path is None else str(self._path)
        self._connection = sqlite3.connect(where, isolation_level=None, check_same_thread=False)
        for pragma in ("busy_timeout=5000", "journal_mode=wal", "synchronous=full"):
            self._connection.execute(f"pragma {pragma}")
        prepare(self._connection)
        self._thread.start()

    async def stop(self) -> None:
        """Finish what was asked for and close."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._connection.close()

    async def do(self, work: Work) -> Any:
        """Do work in a transaction, return what it returns.

        Raises:
            sqlite3.Error: it failed, and nothing of it has happened.
        """
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

    def _commit(self, batch: list[Ask]) -> list[tuple[asyncio.Future[Any], Any]]:
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


def add_missing(connection: sqlite3.Connection, table: str, columns: Iterable[tuple[str, str]]) -> None:
    """Add the columns (name and declaration) that a table of an older version does not have."""
    present = {row[1] for row in connection.execute(f"pragma table_info({table})")}
    for name, declared in columns:
        if name not in present:
            connection.execute(f"alter table {table} add column {name} {declared}")


def _resolve(outcomes: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for done, outcome in outcomes:
        if done.done():
            continue
        if isinstance(outcome, Exception):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)
