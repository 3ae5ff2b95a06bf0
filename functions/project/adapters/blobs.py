"""Stored contents of an organisation, and which projects need them.

A blob that no project needs is marked and goes when the grace is over. Whoever asks for it by `claim`, sends it
again by `add` or publishes it by `refer` takes the mark away in the same transaction; the rows are locked, in one
order, so that the collection either sees that or has deleted it before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from functions.project.model import Blob
from functions.project.tables import blobs
from kernel.errors import Unavailable
from kernel.identity import Caller


class SqlBlobs:
    """Each method is a few statements, however many blobs there are."""

    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection = connection
        self._caller = caller

    def find(self, hashes: Collection[str]) -> Mapping[str, Blob]:
        columns = (blobs.c.sha256, blobs.c.size_bytes, blobs.c.pack, blobs.c.offset)
        wanted = sa.bindparam("hashes", sorted(set(hashes)), sa.ARRAY(sa.Text))
        rows = self._connection.execute(sa.select(*columns).where(blobs.c.sha256 == sa.any_(wanted)))
        return {row.sha256: Blob(*row) for row in rows}

    def claim(self, hashes: Collection[str]) -> Mapping[str, Blob]:
        self._connection.execute(_REVIVE, {"hashes": sorted(set(hashes))})
        return self.find(hashes)

    def add(self, blobs: Sequence[Blob]) -> None:
        self._connection.execute(_ADD_BLOBS, {"org": self._caller.organisation} | _columns(blobs))

    def refer(self, project_id: str, needed: Sequence[Blob]) -> None:
        hashes = sorted(blob.sha256 for blob in needed)
        given = {"org": self._caller.organisation, "project": project_id, "hashes": hashes}
        try:
            with self._connection.begin_nested():
                self._connection.execute(_REFER, given)
        except IntegrityError as gone:
            raise Unavailable("a blob was collected meanwhile") from gone
        present = self.claim([blob.sha256 for blob in needed])
        if any(present.get(blob.sha256) != blob for blob in needed):
            raise Unavailable("a blob was stored anew meanwhile")


def _columns(listed: Sequence[Blob]) -> dict[str, object]:
    ordered = sorted(listed, key=lambda blob: blob.sha256)  # two writers meet in one order: no deadlock
    return {
        "hashes": [blob.sha256 for blob in ordered],
        "sizes": [blob.size_bytes for blob in ordered],
        "packs": [blob.pack for blob in ordered],
        "offsets": [blob.offset for blob in ordered],
    }


_GIVEN = "unnest(cast(:hashes AS text[]), cast(:sizes AS bigint[]), cast(:packs AS text[]), cast(:offsets AS bigint[]))"
_ADD_BLOBS = sa.text(
    f'INSERT INTO project.blobs (org_id, sha256, size_bytes, pack, "offset") SELECT cast(:org AS uuid), * FROM {_GIVEN}'
    " ON CONFLICT (org_id, sha256) DO UPDATE SET marked_at = NULL WHERE project.blobs.marked_at IS NOT NULL"
)
_REVIVE = sa.text(
    "UPDATE project.blobs SET marked_at = NULL WHERE sha256 IN (SELECT sha256 FROM project.blobs"
    " WHERE sha256 = ANY(cast(:hashes AS text[])) AND marked_at IS NOT NULL ORDER BY sha256 FOR NO KEY UPDATE)"
)
_REFER = sa.text(
    "INSERT INTO project.project_blobs (org_id, project_id, sha256)"
    " SELECT cast(:org AS uuid), cast(:project AS uuid), sha256 FROM unnest(cast(:hashes AS text[])) AS given(sha256)"
    " ON CONFLICT DO NOTHING"
)
