"""Erasing deleted projects, and the roles of people in single projects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.analysis.repositories.lifetimes import DeletedProject
from functions.analysis.tables import analyses, erasures, leases, members, metadata
from kernel.identity import Caller

_TOMBSTONE = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('project ' || :project, 0))")
_TOMBSTONE_SHARED = sa.text("SELECT pg_advisory_xact_lock_shared(hashtextextended('project ' || :project, 0))")
_RESULTS = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('results ' || :org, 0))")
_RESULTS_SHARED = sa.text("SELECT pg_advisory_xact_lock_shared(hashtextextended('results ' || :org, 0))")
_OF_ANALYSIS = sa.text(
    "SELECT DISTINCT result_id FROM analysis.analysis_files WHERE analysis_id = :id AND result_id IS NOT NULL"
    " UNION SELECT result_id FROM analysis.analysis_extras WHERE analysis_id = :id"
)
_READINGS = sa.text(
    "DELETE FROM analysis.manifest_readings AS reading WHERE sha256 = ANY(CAST(:hashes AS bytea[]))"
    " AND NOT EXISTS (SELECT 1 FROM analysis.analysis_files AS file WHERE file.sha256 = reading.sha256)"
)
_ERASED_APART = {"analyses", "erasures", "leases"}


def hold_results(connection: sa.Connection, org_id: str) -> None:
    """Let no result of a content go that this transaction is about to name."""
    connection.execute(_RESULTS_SHARED, {"org": org_id})


class SqlErasures:
    """`ports.Erasures`; the table is outside row-level security, so each statement names the organisation."""

    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection = connection
        self._org_id = caller.org_id or ""

    def is_gone(self, project_id: str) -> bool:
        self._connection.execute(_TOMBSTONE_SHARED, {"project": project_id})
        return self._connection.execute(sa.select(erasures.c.org_id).where(self._is(project_id))).first() is not None

    def begin(self, project_id: str) -> bool:
        self._connection.execute(_TOMBSTONE, {"project": project_id})
        row = insert(erasures).values(project_id=project_id, org_id=self._org_id, check_at=sa.func.now())
        if self._connection.execute(row.on_conflict_do_nothing().returning(erasures.c.org_id)).first() is None:
            return False
        mine = sa.select(analyses.c.id).where(analyses.c.project_id == project_id)
        work = (leases.c.analysis_id.in_(mine) | (leases.c.project_id == project_id)) & (
            leases.c.org_id == self._org_id
        )
        held = self._connection.execute(sa.delete(leases).where(work).returning(leases.c.holder)).scalars()
        return any(holder is not None for holder in held)

    def claim(self, project_id: str, *, seconds: float) -> bool:
        due = self._is(project_id) & (erasures.c.check_at <= sa.func.now())
        return self._connection.execute(sa.update(erasures).where(due).values(check_at=_in(seconds))).rowcount == 1

    def postpone(self, project_id: str, *, seconds: float) -> None:
        self._connection.execute(sa.update(erasures).where(self._is(project_id)).values(check_at=_in(seconds)))

    def end(self, project_id: str) -> None:
        self._connection.execute(sa.update(erasures).where(self._is(project_id)).values(check_at=None))

    def due(self, limit: int) -> Sequence[DeletedProject]:
        query = sa.select(erasures.c.org_id, erasures.c.project_id).where(erasures.c.check_at <= sa.func.now())
        rows = self._connection.execute(query.order_by(erasures.c.check_at).limit(limit))
        return [DeletedProject(*row) for row in rows]

    def analyses(self, project_id: str, *, limit: int) -> Sequence[str]:
        query = sa.select(analyses.c.id).where(analyses.c.project_id == project_id).order_by(analyses.c.id)
        return list(self._connection.execute(query.limit(limit)).scalars())

    def erase(self, analysis_id: str) -> None:
        self._connection.execute(_RESULTS, {"org": self._org_id})
        results = list(self._connection.execute(_OF_ANALYSIS, {"id": analysis_id}).scalars())
        files = metadata.tables["analysis.analysis_files"]
        hashes = sa.delete(files).where(files.c.analysis_id == analysis_id).returning(files.c.sha256)
        gone = sorted(set(self._connection.execute(hashes).scalars()))
        self._connection.execute(sa.delete(leases).where(leases.c.analysis_id == analysis_id))
        self._connection.execute(sa.delete(analyses).where(analyses.c.id == analysis_id))
        self._connection.execute(_unneeded(), {"ids": results})
        self._connection.execute(_READINGS, {"hashes": gone})

    def some(self, project_id: str, *, limit: int) -> int:
        for table in owned():
            if gone := self._some(table, project_id, limit):
                return gone
        return 0

    def _some(self, table: sa.Table, project_id: str, limit: int) -> int:
        key = list(table.primary_key.columns)
        mine = (table.c.project_id == project_id) & (table.c.org_id == self._org_id)  # some are outside tenancy
        some = sa.select(*key).where(mine).limit(limit)
        gone = sa.delete(table).where(sa.tuple_(*key).in_(some))
        if "result_id" not in table.c:
            return self._connection.execute(gone).rowcount
        self._connection.execute(_RESULTS, {"org": self._org_id})
        results = list(self._connection.execute(gone.returning(table.c.result_id)).scalars())
        self._connection.execute(_unneeded(), {"ids": sorted(set(results))})
        return len(results)

    def _is(self, project_id: str) -> sa.ColumnElement[bool]:
        return (erasures.c.project_id == project_id) & (erasures.c.org_id == self._org_id)


def shown(table: sa.Table, caller: Caller) -> sa.ColumnElement[bool]:
    """Which rows of a table there are for the caller: people see nothing of a deleted project, erased or not yet."""
    if caller.kind == "function":
        return sa.true()
    same = (erasures.c.project_id == table.c.project_id) & (erasures.c.org_id == table.c.org_id)
    return ~sa.exists().where(same)


def owned() -> Iterator[sa.Table]:
    """Tables with rows of a project, those that point at others first; the rest hangs on them or on an analysis."""
    for table in reversed(metadata.sorted_tables):
        if "project_id" in table.c and table.name not in _ERASED_APART:
            yield table


def _unneeded() -> sa.TextClause:
    """Results among `ids` that no row of any analysis or project names; their findings go with them."""
    naming = [table for table in metadata.sorted_tables if "result_id" in table.c and table.name != "findings"]
    used = " UNION ALL ".join(
        f"SELECT 1 FROM {table.fullname} AS need WHERE need.result_id = result.id" for table in naming
    )
    return sa.text(
        f"DELETE FROM analysis.file_results AS result WHERE id = ANY(CAST(:ids AS bigint[])) AND NOT EXISTS ({used})"
    )


class SqlRoles:
    """`ports.Roles`."""

    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection = connection
        self._caller = caller

    def of(self, project_id: str, user_id: str) -> str | None:
        mine = (members.c.project_id == project_id) & (members.c.user_id == user_id)
        return self._connection.execute(sa.select(members.c.role).where(mine)).scalar()

    def put(self, project_id: str, user_id: str, role: str | None, at: datetime) -> None:
        org_id = self._caller.organisation
        row = insert(members).values(org_id=org_id, project_id=project_id, user_id=user_id, role=role, changed_at=at)
        key = [members.c.org_id, members.c.project_id, members.c.user_id]
        newer = members.c.changed_at <= row.excluded.changed_at
        changed = {"role": row.excluded.role, "changed_at": row.excluded.changed_at}
        self._connection.execute(row.on_conflict_do_update(index_elements=key, set_=changed, where=newer))


def _in(seconds: float) -> sa.ColumnElement[datetime]:
    return sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
