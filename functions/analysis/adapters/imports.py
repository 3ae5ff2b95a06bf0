"""Logs of other tools, a row for each tool of an analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.analysis.repositories.imports import Import
from functions.analysis.tables import analysis_files, imports

_FIELDS = [imports.c[field.name] for field in fields(Import)]


class SqlImports:
    """`repositories.Imports`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def put(self, given: Import) -> Import:
        values = {**asdict(given), "left_out": dict(given.left_out)}
        changed = {name: value for name, value in values.items() if name not in ("analysis_id", "tool")}
        key = [imports.c.org_id, imports.c.analysis_id, imports.c.tool]
        row = insert(imports).values(org_id=self._org_id, **values)
        replacing = row.on_conflict_do_update(
            index_elements=key, set_=changed, where=imports.c.sha256 != row.excluded.sha256
        )
        stored = self._connection.execute(replacing.returning(*_FIELDS)).one_or_none()
        return Import(*stored) if stored is not None else self._get(given.analysis_id, given.tool)

    def _get(self, analysis_id: str, tool: str) -> Import:
        same = (imports.c.analysis_id == analysis_id) & (imports.c.tool == tool)
        return Import(*self._connection.execute(sa.select(*_FIELDS).where(same)).one())

    def of(self, analysis_id: str) -> list[Import]:
        query = sa.select(*_FIELDS).where(imports.c.analysis_id == analysis_id).order_by(imports.c.tool)
        return [Import(*row) for row in self._connection.execute(query)]

    def unknown_paths(self, analysis_id: str, paths: Sequence[str]) -> set[str]:
        wanted = sa.literal(sorted(set(paths)), sa.ARRAY(sa.Text))
        file = analysis_files.c
        query = sa.select(file.path).where(file.analysis_id == analysis_id, file.path == sa.func.any(wanted))
        return set(paths) - set(self._connection.execute(query).scalars())
