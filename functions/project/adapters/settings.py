"""Settings of projects with their history, and the lines of versions that baselines are found on."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.project.baselines import Baseline
from functions.project.model import Version
from functions.project.settings import Change, Kept, Revision, Settings
from functions.project.tables import settings, settings_history, versions
from kernel.errors import NotFound, Stale
from kernel.identity import Caller

_entry = settings_history.c


class SqlProjectSettings:
    """`ports.ProjectSettings`."""

    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection = connection
        self._caller = caller

    def of(self, project_id: str) -> Kept:
        query = sa.select(settings).where(settings.c.project_id == project_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return Kept(project_id)
        return Kept(project_id, Settings.of(row.settings), Baseline.of(row.baseline), row.revision)

    def save(self, kept: Kept, entry: Revision) -> None:
        row = {
            "org_id": self._caller.organisation,
            "project_id": kept.project_id,
            "settings": kept.settings.document(),
            "baseline": kept.baseline.document() if kept.baseline else None,
            "revision": kept.revision,
        }
        changed = insert(settings).values(row)
        changed = changed.on_conflict_do_update(
            index_elements=[settings.c.org_id, settings.c.project_id],
            set_={name: changed.excluded[name] for name in ("settings", "baseline", "revision")},
            where=settings.c.revision == kept.revision - 1,
        )
        if self._connection.execute(changed.returning(settings.c.revision)).first() is None:
            raise Stale("the settings have changed", project_id=kept.project_id)
        listed = [asdict(change) for change in entry.changes]
        self._connection.execute(
            sa.insert(settings_history).values(
                **{column.name: getattr(entry, column.name) for column in _entry if column.name in _PLAIN},
                org_id=self._caller.organisation,
                changes=listed,
            )
        )

    def history(self, project_id: str, *, before: str | None, limit: int) -> list[Revision]:
        query = sa.select(settings_history).where(_entry.project_id == project_id)
        if before is not None:
            query = query.where(_entry.id < before)
        return [_revision(row) for row in self._connection.execute(query.order_by(_entry.id.desc()).limit(limit))]

    def entry(self, project_id: str, revision: int) -> Revision:
        query = sa.select(settings_history).where(_entry.project_id == project_id, _entry.revision == revision)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("the settings have no such revision")
        return _revision(row)


_PLAIN = ("id", "project_id", "revision", "changed_by", "changed_at")


def _revision(row: sa.Row[tuple[object, ...]]) -> Revision:
    said = row._mapping
    listed = tuple(Change(**one) for one in said["changes"])
    return Revision(**{name: said[name] for name in _PLAIN}, changes=listed)


class SqlLines:
    """`baselines.Lines`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def find(self, project_id: str, version_id: str) -> Version | None:
        return self._first(versions.c.project_id == project_id, versions.c.id == version_id)

    def newest_on(self, project_id: str, branch: str | None) -> Version | None:
        return self._first(versions.c.project_id == project_id, versions.c.branch.is_not_distinct_from(branch))

    def newest_main(self, project_id: str, *, until: datetime | None = None) -> Version | None:
        conditions = [versions.c.project_id == project_id, versions.c.main]
        if until is not None:
            conditions.append(versions.c.created_at <= until)
        return self._first(*conditions)

    def oldest_main(self, project_id: str) -> Version | None:
        return self._first(versions.c.project_id == project_id, versions.c.main, oldest=True)

    def _first(self, *conditions: sa.ColumnElement[bool], oldest: bool = False) -> Version | None:
        order = versions.c.id.asc() if oldest else versions.c.id.desc()
        row = self._connection.execute(sa.select(versions).where(*conditions).order_by(order).limit(1)).one_or_none()
        return Version(**row._mapping) if row is not None else None
