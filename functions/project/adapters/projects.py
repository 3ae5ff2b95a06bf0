"""Projects."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.project.adapters.rows import row_of
from functions.project.model import Project
from functions.project.tables import projects
from kernel.errors import Conflict, NotFound


class SqlProjects:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, project_id: str) -> Project:
        return self._one(sa.select(projects).where(projects.c.id == project_id))

    def lock(self, project_id: str) -> None:
        self._one(sa.select(projects).where(projects.c.id == project_id).with_for_update(key_share=True))

    def page(self, *, name: str | None, after: str | None, limit: int) -> list[Project]:
        query = sa.select(projects).order_by(projects.c.id).limit(limit)
        if name is not None:
            query = query.where(projects.c.name == name)
        if after is not None:
            query = query.where(projects.c.id > after)
        return [Project(**row._mapping) for row in self._connection.execute(query)]

    def add(self, project: Project) -> None:
        row = insert(projects).values(row_of(project, projects)).on_conflict_do_nothing(constraint=_NAMES)
        if self._connection.execute(row.returning(projects.c.id)).first() is None:
            other = self._one(sa.select(projects).where(projects.c.name == project.name))
            raise Conflict("a project has this name already", name=project.name, project_id=other.id)

    def _one(self, query: sa.Select[Any]) -> Project:
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("no such project")
        return Project(**row._mapping)


_NAMES = "projects_org_id_name_key"
