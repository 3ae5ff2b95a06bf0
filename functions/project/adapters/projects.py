"""Projects; one that is deleted is there for nobody, while its rows and objects still go."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from functions.project.adapters.rows import row_of
from functions.project.model import Project
from functions.project.tables import projects
from kernel.errors import Conflict, NotFound, Stale

_LIVING = projects.c.deleted_at.is_(None)


class SqlProjects:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, project_id: str) -> Project:
        return self._one(sa.select(projects).where(projects.c.id == project_id, _LIVING))

    def lock(self, project_id: str) -> Project:
        living = sa.select(projects).where(projects.c.id == project_id, _LIVING)
        return self._one(living.with_for_update(key_share=True))

    def page(self, *, name: str | None, after: str | None, limit: int, archived: bool | None = None) -> list[Project]:
        query = sa.select(projects).where(_LIVING).order_by(projects.c.id).limit(limit)
        if name is not None:
            query = query.where(projects.c.name == name)
        if after is not None:
            query = query.where(projects.c.id > after)
        if archived is not None:
            query = query.where(projects.c.archived_at.is_not(None) if archived else projects.c.archived_at.is_(None))
        return [Project(**row._mapping) for row in self._connection.execute(query)]

    def add(self, project: Project) -> None:
        row = insert(projects).values(row_of(project, projects))
        row = row.on_conflict_do_nothing(index_elements=[projects.c.org_id, projects.c.name], index_where=_LIVING)
        if self._connection.execute(row.returning(projects.c.id)).first() is None:
            raise self._taken(project.name)

    def save(self, project: Project) -> None:
        before = (projects.c.id == project.id) & (projects.c.revision == project.revision - 1)
        changed = sa.update(projects).where(before).values(row_of(project, projects))
        try:
            with self._connection.begin_nested():
                stored = self._connection.execute(changed).rowcount == 1
        except IntegrityError as clash:
            raise self._taken(project.name) from clash
        if not stored:
            raise Stale("the project has changed", project_id=project.id)

    def _taken(self, name: str) -> Conflict:
        other = self._one(sa.select(projects).where(projects.c.name == name, _LIVING))
        return Conflict("a project has this name already", name=name, project_id=other.id)

    def _one(self, query: sa.Select[Any]) -> Project:
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("no such project")
        return Project(**row._mapping)
