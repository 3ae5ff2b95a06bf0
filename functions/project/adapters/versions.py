"""Versions; those of a deleted project are there for nobody."""

from __future__ import annotations

import sqlalchemy as sa

from functions.project.adapters.rows import row_of
from functions.project.model import Version
from functions.project.tables import projects, versions
from kernel.errors import NotFound, Stale


class SqlVersions:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, version_id: str) -> Version:
        row = self._connection.execute(_SHOWN.where(versions.c.id == version_id)).one_or_none()
        if row is None:
            raise NotFound("no such version")
        return Version(**row._mapping)

    def page(
        self, project_id: str, *, after: str | None, limit: int, branch: str | None = None, label: str | None = None
    ) -> list[Version]:
        query = sa.select(versions).where(versions.c.project_id == project_id)
        if branch is not None:
            query = query.where(versions.c.branch == branch)
        if label is not None:
            query = query.where(versions.c.label == label)
        if after is not None:
            query = query.where(versions.c.id < after)
        return [Version(**row._mapping) for row in self._connection.execute(query.order_by(_NEWEST).limit(limit))]

    def add(self, version: Version) -> None:
        self._connection.execute(sa.insert(versions).values(row_of(version, versions)))

    def relabel(self, version: Version) -> None:
        before = (versions.c.id == version.id) & (versions.c.revision == version.revision - 1)
        changed = sa.update(versions).where(before).values(label=version.label, revision=version.revision)
        if self._connection.execute(changed).rowcount != 1:
            raise Stale("the version's label has changed", version_id=version.id)

    def same(self, version: Version) -> Version | None:
        beside = versions.c.parent_id.is_not_distinct_from(version.parent_id) | (versions.c.id == version.parent_id)
        query = sa.select(versions).where(
            versions.c.project_id == version.project_id,
            versions.c.tree_sha256 == version.tree_sha256,
            versions.c.label == version.label,
            versions.c.commit.is_not_distinct_from(version.commit),
            versions.c.branch.is_not_distinct_from(version.branch),
            versions.c.main == version.main,
            beside,
        )
        row = self._connection.execute(query.order_by(_NEWEST).limit(1)).one_or_none()
        return Version(**row._mapping) if row is not None else None

    def uncounted(self, limit: int) -> list[Version]:
        query = _SHOWN.where(versions.c.counted.is_(False)).order_by(versions.c.id).limit(limit)
        return [Version(**row._mapping) for row in self._connection.execute(query)]

    def count(self, version_id: str) -> None:
        self._connection.execute(sa.update(versions).where(versions.c.id == version_id).values(counted=True))


_NEWEST = versions.c.id.desc()
_LIVING = sa.exists().where(projects.c.id == versions.c.project_id, projects.c.deleted_at.is_(None))
_SHOWN = sa.select(versions).where(_LIVING)
