"""What the sweeps have still to do, for all organisations."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.project.adapters.rows import after
from functions.project.ports.tasks import Task
from functions.project.tables import tasks
from kernel.identity import Caller
from kernel.work import Database


class SqlToDo:
    """`ports.ToDo` on the transaction of a unit of work."""

    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection = connection
        self._caller = caller

    def offer(self, kind: str, subject: str, *, after_s: float = 0.0) -> None:
        row = insert(tasks).values(
            kind=kind, org_id=self._caller.organisation, subject=subject, check_at=after(after_s), attempts=0
        )
        again = {"check_at": sa.func.least(tasks.c.check_at, after(after_s))}
        key = [tasks.c.kind, tasks.c.org_id, tasks.c.subject]
        self._connection.execute(row.on_conflict_do_update(index_elements=key, set_=again))

    def end(self, kind: str, subject: str) -> None:
        mine = tasks.c.org_id == self._caller.organisation, tasks.c.kind == kind, tasks.c.subject == subject
        self._connection.execute(sa.delete(tasks).where(*mine))


class SqlTasks:
    """`ports.Tasks`; each method is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, kind: str, *, lease_s: float) -> Task | None:
        due = (
            sa.select(tasks.c.org_id, tasks.c.subject)
            .where(tasks.c.kind == kind, tasks.c.check_at <= sa.func.now())
            .order_by(tasks.c.check_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claimed = (
            sa.update(tasks)
            .where(tasks.c.kind == kind, tasks.c.org_id == due.c.org_id, tasks.c.subject == due.c.subject)
            .values(check_at=after(lease_s), attempts=tasks.c.attempts + 1)
            .returning(tasks.c.kind, tasks.c.org_id, tasks.c.subject, tasks.c.attempts)
        )
        with self._database.transaction(Caller.nobody()) as tx:
            row = tx.connection.execute(claimed).one_or_none()
        return Task(*row) if row is not None else None

    def postpone(self, task: Task, *, seconds: float) -> None:
        mine = tasks.c.kind == task.kind, tasks.c.org_id == task.org_id, tasks.c.subject == task.subject
        later = sa.update(tasks).where(*mine).values(check_at=after(seconds), attempts=0)
        with self._database.transaction(Caller.nobody()) as tx:
            tx.connection.execute(later)
