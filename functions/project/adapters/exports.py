"""Archives of versions that somebody asked for."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.project.adapters.rows import row_of
from functions.project.exports import Export, Format, Making
from functions.project.tables import exports

_KEY = [exports.c.org_id, exports.c.tree_sha256, exports.c.format]


class SqlExports:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def find(self, tree_sha256: str, format: Format) -> Export | None:
        query = sa.select(exports).where(exports.c.tree_sha256 == tree_sha256, exports.c.format == format)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        return Export(**{**row._mapping, "format": Format(row.format), "state": Making(row.state)})

    def ask(self, export: Export) -> bool:
        row = insert(exports).values(row_of(export, exports))
        over = (exports.c.expires_at <= sa.func.now()) | (exports.c.state == Making.FAILED)
        again = row.on_conflict_do_update(index_elements=_KEY, set_=row_of(export, exports), where=over)
        return self._connection.execute(again.returning(exports.c.state)).first() is not None

    def save(self, export: Export) -> None:
        mine = (exports.c.tree_sha256 == export.tree_sha256) & (exports.c.format == export.format)
        self._connection.execute(sa.update(exports).where(mine).values(row_of(export, exports)))
