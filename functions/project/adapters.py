"""Ports of this domain on PostgreSQL; row-level security keeps each transaction to its organisation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from functions.project.limits import LEASE_S
from functions.project.messages import encode
from functions.project.model import Blob, Kind, Project, State, Upload, Version
from functions.project.tables import arrivals, blobs, commons, projects, uploads, versions
from kernel.errors import Conflict, NotFound
from kernel.identity import Caller
from kernel.work import Database, SharedWork, Transaction


class SqlWork(SharedWork):
    """`ports.Work` on one transaction."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx, commons, encode)
        self.projects = SqlProjects(tx.connection)
        self.blobs = SqlBlobs(tx.connection, tx.caller)
        self.uploads = SqlUploads(tx.connection)
        self.versions = SqlVersions(tx.connection)


@contextmanager
def work(database: Database, caller: Caller) -> Iterator[SqlWork]:
    with database.transaction(caller) as tx:
        yield SqlWork(tx)


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
        row = insert(projects).values(_row(project, projects)).on_conflict_do_nothing(constraint=_NAMES)
        if self._connection.execute(row.returning(projects.c.id)).first() is None:
            other = self._one(sa.select(projects).where(projects.c.name == project.name))
            raise Conflict("a project has this name already", name=project.name, project_id=other.id)

    def _one(self, query: sa.Select[Any]) -> Project:
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("no such project")
        return Project(**row._mapping)


_NAMES = "projects_org_id_name_key"


class SqlBlobs:
    """Each method is one statement, however many blobs there are."""

    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection = connection
        self._caller = caller

    def find(self, hashes: Collection[str]) -> Mapping[str, Blob]:
        wanted = sa.bindparam("hashes", sorted(set(hashes)), ARRAY(sa.Text))
        columns = (blobs.c.sha256, blobs.c.size_bytes, blobs.c.pack, blobs.c.offset)
        rows = self._connection.execute(sa.select(*columns).where(blobs.c.sha256 == sa.any_(wanted)))
        return {row.sha256: Blob(*row) for row in rows}

    def add(self, blobs: Sequence[Blob]) -> None:
        ordered = sorted(blobs, key=lambda blob: blob.sha256)  # two writers meet in one order: no deadlock
        columns = {
            "org": self._caller.organisation,
            "hashes": [blob.sha256 for blob in ordered],
            "sizes": [blob.size_bytes for blob in ordered],
            "packs": [blob.pack for blob in ordered],
            "offsets": [blob.offset for blob in ordered],
        }
        self._connection.execute(_ADD_BLOBS, columns)


_ADD_BLOBS = sa.text(
    'INSERT INTO project.blobs (org_id, sha256, size_bytes, pack, "offset")'
    " SELECT cast(:org AS uuid), * FROM unnest(cast(:hashes AS text[]), cast(:sizes AS bigint[]),"
    " cast(:packs AS text[]), cast(:offsets AS bigint[])) ON CONFLICT DO NOTHING"
)


class SqlUploads:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, upload_id: str) -> Upload:
        return self._one(sa.select(uploads).where(uploads.c.id == upload_id))

    def lock(self, upload_id: str) -> Upload:
        return self._one(sa.select(uploads).where(uploads.c.id == upload_id).with_for_update())

    def add(self, upload: Upload, *, check_after_s: float) -> None:
        self._connection.execute(sa.insert(uploads).values(_row(upload, uploads)))
        self._connection.execute(sa.insert(arrivals).values(key=upload.key, check_at=_after(check_after_s)))

    def end(self, upload: Upload) -> None:
        ended = {"state": upload.state, "code": upload.code, "detail": upload.detail, "version_id": upload.version_id}
        self._connection.execute(sa.update(uploads).where(uploads.c.id == upload.id).values(ended))
        self._connection.execute(sa.delete(arrivals).where(arrivals.c.key == upload.key))

    def _one(self, query: sa.Select[Any]) -> Upload:
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("no such upload")
        fields = dict(row._mapping)
        return Upload(**fields | {"state": State(fields["state"]), "kind": Kind(fields["kind"])})


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
        self._connection.execute(sa.insert(versions).values(_row(version, versions)))

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


class SqlArrivals:
    """`ports.Arrivals`; each method is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, key: str) -> int | None:
        begun = sa.update(arrivals).where(arrivals.c.key == key)
        begun = begun.values(attempts=arrivals.c.attempts + 1, check_at=_after(LEASE_S))
        with self._database.transaction(Caller.nobody()) as tx:
            return tx.connection.execute(begun.returning(arrivals.c.attempts)).scalar_one_or_none()

    def due(self, limit: int) -> list[str]:
        query = sa.select(arrivals.c.key).where(arrivals.c.check_at < sa.func.now()).order_by(arrivals.c.check_at)
        with self._database.transaction(Caller.nobody()) as tx:
            return list(tx.connection.execute(query.limit(limit)).scalars())

    def postpone(self, key: str, *, seconds: float) -> None:
        later = sa.update(arrivals).where(arrivals.c.key == key)
        later = later.values(attempts=arrivals.c.attempts - 1, check_at=_after(seconds))
        with self._database.transaction(Caller.nobody()) as tx:
            tx.connection.execute(later)


def _after(seconds: float) -> sa.ColumnElement[Any]:
    return sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def _row(entity: object, table: sa.Table) -> dict[str, object]:
    return {column.name: getattr(entity, column.name) for column in table.columns}
