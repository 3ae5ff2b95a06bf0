"""Stored contents of an organisation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from functions.project.model import Blob
from functions.project.tables import blobs
from kernel.identity import Caller


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
