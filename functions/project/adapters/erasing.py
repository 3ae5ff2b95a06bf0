"""All rows of a deleted project, table by table: those that point at others go first.

Every table of this schema with the column `project_id` is the project's, whichever part of the domain it serves;
a table without it hangs on one of those by a cascade (`tests/integration/project/test_erasing.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from functions.project.limits import GRACE_S
from functions.project.ports.lifetimes import Erased
from functions.project.tables import arrivals, exports, metadata, projects, uploads, versions
from functions.project.uploads import UploadState
from kernel.identity import Caller

_OPEN_PUT = (uploads.c.state == UploadState.WAITING) & (
    uploads.c.expires_at + sa.func.make_interval(0, 0, 0, 0, 0, 0, GRACE_S) > sa.func.now()
)
_KEYS = (versions.c.manifest_key, versions.c.history_key, versions.c.config_key)


class SqlErasing:
    """`ports.Erasing`; row-level security keeps it to the caller's organisation."""

    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection = connection
        self._caller = caller

    def some(self, project_id: str, *, limit: int) -> Erased:
        for table in owned():
            erased = self._from(table, project_id, limit)
            if erased.rows or erased.wait_s:
                return erased
        gone = sa.delete(projects).where(projects.c.id == project_id, projects.c.deleted_at.is_not(None))
        return Erased(self._connection.execute(gone).rowcount)

    def _from(self, table: sa.Table, project_id: str, limit: int) -> Erased:
        if table is versions:
            return self._versions(project_id, limit)
        if table is uploads:
            return self._uploads(project_id, limit)
        mine = (table.c.project_id == project_id) & (
            table.c.org_id == self._caller.organisation
        )  # not all are tenant's
        return Erased(len(self._delete(table, mine, limit)))

    def _versions(self, project_id: str, limit: int) -> Erased:
        """A version is the parent of others and what archives are made from: first those forget it."""
        mine = versions.c.project_id == project_id
        some = sa.select(versions.c.id).where(mine, versions.c.parent_id.is_not(None)).limit(limit)
        forgotten = sa.update(versions).where(versions.c.id.in_(some)).values(parent_id=None)
        if orphaned := self._connection.execute(forgotten).rowcount:
            return Erased(orphaned)
        made_from = exports.c.version_id.in_(sa.select(versions.c.id).where(mine))
        made = self._delete(exports, made_from, limit)
        self._leave([f"exports/{row.org_id}/{row.tree_sha256}.{row.format}" for row in made])
        if made:
            return Erased(len(made))
        gone = self._delete(versions, mine, limit, *_KEYS)
        self._leave([key for row in gone for key in row if key is not None])
        return Erased(len(gone))

    def _leave(self, keys: Sequence[str]) -> None:
        """Nothing speaks for these objects any more but rows of others: the next collection looks at them."""
        self._connection.execute(_LEFT, {"keys": sorted(set(keys))})

    def _uploads(self, project_id: str, limit: int) -> Erased:
        """One whose content may still arrive stays until it cannot: its address was signed and holds."""
        over = (uploads.c.project_id == project_id) & ~_OPEN_PUT
        gone = self._delete(uploads, over, limit, uploads.c.org_id, uploads.c.id)
        keys = [f"uploads/{row.org_id}/{row.id}" for row in gone]
        self._connection.execute(sa.delete(arrivals).where(arrivals.c.key.in_(keys)))
        if gone:
            return Erased(len(gone), keys)
        last = sa.select(sa.func.max(uploads.c.expires_at) - sa.func.now()).where(uploads.c.project_id == project_id)
        left = self._connection.execute(last).scalar()
        return Erased(0, wait_s=max(left.total_seconds(), 0.0) + GRACE_S + 1 if left is not None else 0.0)

    def _delete(
        self, table: sa.Table, what: sa.ColumnElement[bool], limit: int, *columns: sa.Column[Any]
    ) -> Sequence[sa.Row[Any]]:
        key = list(table.primary_key.columns)
        some = sa.select(*key).where(what).limit(limit)
        gone = sa.delete(table).where(sa.tuple_(*key).in_(some)).returning(*(columns or key))
        return self._connection.execute(gone).all()


def owned() -> Iterator[sa.Table]:
    """The tables that a project's rows are in, in the order in which they can be deleted."""
    for table in reversed(metadata.sorted_tables):
        if "project_id" in table.c:
            yield table


_LEFT = sa.text(
    "INSERT INTO project.objects (org_id, key, touched_at)"
    " SELECT cast(current_setting('app.org') AS uuid), key, now() - interval '25 hours'"
    " FROM unnest(cast(:keys AS text[])) AS gone(key)"
    " ON CONFLICT (org_id, key) DO UPDATE SET touched_at = least(objects.touched_at, excluded.touched_at)"
)
