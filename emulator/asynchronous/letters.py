"""Dead letters: what was given up and could not be handed on, kept within bounds for whoever puts it back."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import dataclass

from emulator.asynchronous.database import Database
from emulator.asynchronous.model import Job, Letter

log = logging.getLogger(__name__)
_COLUMNS = "id, request_id, function, attempts, accepted_at, dead_at, dead, destination, origin, payload"
_OVER = "select id from jobs where dead is not null order by dead_at desc, id desc limit -1 offset ?"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many dead letters are kept, and for how many seconds: SQS keeps a message for 14 days at most."""

    count: int = 10_000
    age_s: float = 14 * 86_400.0


class Letters:
    """The dead letters of a store."""

    def __init__(self, database: Database, bounds: Bounds | None = None) -> None:
        self._database = database
        self.bounds = bounds or Bounds()
        self._warned = False

    async def bury(self, job: Job, reason: str, now: float) -> None:
        """Keep a job that will not be tried again, with the reason; the oldest go when there are too many."""

        def work(database: sqlite3.Connection) -> int:
            text = "update jobs set dead = ?, dead_at = ?, attempts = ? where id = ?"
            database.execute(text, (reason, now, job.attempts, job.id))
            return self._prune(database, now)

        pruned = await self._database.do(work)
        if pruned and not self._warned:
            self._warned = True
            log.warning("dead letters are over their bounds, the oldest %s are deleted", pruned)

    async def page(self, limit: int = 20, before: int | None = None) -> list[Letter]:
        """Return dead letters, newest first; `before` is the id of the last one of the page before."""
        text = f"select {_COLUMNS} from jobs where dead is not null and id < ? order by id desc limit ?"
        last = 1 << 62 if before is None else before
        rows = await self._database.do(lambda database: database.execute(text, (last, limit)).fetchall())
        return [Letter(*row) for row in rows]

    async def find(self, request_id: str) -> list[Letter]:
        """Return the dead letters of one request: the event, or its records for up to two destinations."""
        text = f"select {_COLUMNS} from jobs where dead is not null and request_id = ? order by id"
        rows = await self._database.do(lambda database: database.execute(text, (request_id,)).fetchall())
        return [Letter(*row) for row in rows]

    async def revive(self, request_id: str, now: float) -> int:
        """Put the dead letters of a request back, as if they had just arrived; return how many there were."""
        text = (
            "update jobs set dead = null, dead_at = null, attempts = case when destination is null then 0 else attempts"
            " end, stumbles = 0, accepted_at = ?, due_at = ? where dead is not null and request_id = ?"
        )
        count: int = await self._database.do(lambda database: database.execute(text, (now, now, request_id)).rowcount)
        return count

    async def delete(self, request_id: str) -> int:
        """Delete the dead letters of a request; return how many there were."""
        text = "delete from jobs where dead is not null and request_id = ?"
        count: int = await self._database.do(lambda database: database.execute(text, (request_id,)).rowcount)
        return count

    def _prune(self, database: sqlite3.Connection, now: float) -> int:
        old = database.execute("delete from jobs where dead_at < ?", (now - self.bounds.age_s,)).rowcount
        over = database.execute(f"delete from jobs where id in ({_OVER})", (self.bounds.count,)).rowcount
        return old + over
