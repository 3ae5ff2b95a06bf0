"""Versions."""

from __future__ import annotations

import sqlalchemy as sa

from functions.project.adapters.rows import row_of
from functions.project.model import Version
from functions.project.tables import versions
from kernel.errors import NotFound


class SqlVersions:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, version_id: str) -> Version:
        row = self._connection.execute(sa.select(versions).where(versions.c.id == version_id)).one_or_none()
        if row is None:
            raise NotFound("no such version")
        return Version(**row._mapping)

    def page(self, project_id: str, *, after: str | None, limit: int) -> list[Version]:
        query = sa.select(versions).where(versions.c.project_id == project_id)
        if after is not None:
            query = query.where(versions.c.id < after)
        return [Version(**row._mapping) for row in self._connection.execute(query.order_by(_NEWEST).limit(limit))]

    def add(self, version: Version) -> None:
        self._connection.execute(sa.insert(versions).values(row_of(version, versions)))

    def same(self, version: Version) -> Version | None:
        beside = versions.c.parent_id.is_not_distinct_from(version.parent_id) | (versions.c.id == version.parent_id)
        query = sa.select(versions).where(
            versions.c.project_id == version.project_id,
            versions.c.tree_sha256 == version.tree_sha256,
            versions.c.label == version.label,
            versions.c.commit.is_not_distinct_from(version.commit),
            beside,
        )
        row = self._connection.execute(query.order_by(_NEWEST).limit(1)).one_or_none()
        return Version(**row._mapping) if row is not None else None


_NEWEST = versions.c.id.desc()
