"""Uploads, and when to look for what they promise."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from functions.project.adapters.rows import after, row_of
from functions.project.tables import arrivals, uploads
from functions.project.uploads import Upload, UploadKind, UploadState
from kernel.errors import NotFound


class SqlUploads:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, upload_id: str) -> Upload:
        return self._one(sa.select(uploads).where(uploads.c.id == upload_id))

    def lock(self, upload_id: str) -> Upload:
        return self._one(sa.select(uploads).where(uploads.c.id == upload_id).with_for_update())

    def add(self, upload: Upload, *, check_after_s: float) -> None:
        self._connection.execute(sa.insert(uploads).values(row_of(upload, uploads)))
        self._connection.execute(sa.insert(arrivals).values(key=upload.key, check_at=after(check_after_s)))

    def end(self, upload: Upload) -> None:
        ended = {"state": upload.state, "code": upload.code, "detail": upload.detail, "version_id": upload.version_id}
        self._connection.execute(sa.update(uploads).where(uploads.c.id == upload.id).values(ended))
        self._connection.execute(sa.delete(arrivals).where(arrivals.c.key == upload.key))

    def _one(self, query: sa.Select[Any]) -> Upload:
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("no such upload")
        fields = dict(row._mapping)
        return Upload(**fields | {"state": UploadState(fields["state"]), "kind": UploadKind(fields["kind"])})
