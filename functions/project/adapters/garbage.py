"""What nobody needs. Each step locks first and asks afterwards, in a statement of its own, whose snapshot is newer
than the locks: whoever began to need a row before has committed by then, and nobody can begin meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from functions.project.ports.lifetimes import Scanned

_NEEDED = "EXISTS (SELECT 1 FROM project.project_blobs AS need WHERE need.sha256 = blob.sha256)"
_BLOBS = sa.text(
    f"SELECT sha256, marked_at IS NULL AND NOT {_NEEDED} AS idle FROM project.blobs AS blob"
    " WHERE sha256 > :after ORDER BY sha256 LIMIT :limit"
)
_LOCK_BLOBS = sa.text(
    "SELECT sha256 FROM project.blobs WHERE sha256 = ANY(cast(:hashes AS text[]))"
    " ORDER BY sha256 FOR UPDATE SKIP LOCKED"
)
_MARK = sa.text(
    f"UPDATE project.blobs AS blob SET marked_at = now() WHERE sha256 = ANY(cast(:hashes AS text[]))"
    f" AND marked_at IS NULL AND NOT {_NEEDED}"
)
_MARKED = sa.text(
    "SELECT sha256 FROM project.blobs WHERE marked_at < now() - make_interval(secs => :grace)"
    " ORDER BY sha256 LIMIT :limit FOR UPDATE SKIP LOCKED"
)
_UNMARK = sa.text(
    f"UPDATE project.blobs AS blob SET marked_at = NULL WHERE sha256 = ANY(cast(:hashes AS text[])) AND {_NEEDED}"
)
_DELETE = sa.text(
    f"DELETE FROM project.blobs AS blob WHERE sha256 = ANY(cast(:hashes AS text[])) AND NOT {_NEEDED}"
    " RETURNING org_id, pack"
)
_LEFT = sa.text(
    "INSERT INTO project.objects (org_id, key, touched_at)"
    " SELECT DISTINCT cast(org AS uuid), pack, now() - interval '25 hours'"
    " FROM unnest(cast(:orgs AS text[]), cast(:packs AS text[])) AS gone(org, pack) ON CONFLICT DO NOTHING"
)
_EXPIRE = sa.text(
    "DELETE FROM project.exports WHERE (tree_sha256, format) IN (SELECT tree_sha256, format FROM project.exports"
    " WHERE expires_at < now() LIMIT :limit FOR UPDATE SKIP LOCKED)"
)
_OBJECTS = sa.text(
    "SELECT key, doomed_at IS NULL AND touched_at < now() - make_interval(secs => :grace) AS old"
    " FROM project.objects WHERE key > :after ORDER BY key LIMIT :limit"
)
_LOCK_OBJECTS = sa.text(
    "SELECT key FROM project.objects WHERE key = ANY(cast(:keys AS text[])) AND doomed_at IS NULL"
    " AND touched_at < now() - make_interval(secs => :grace) ORDER BY key FOR UPDATE SKIP LOCKED"
)
_USES = (
    "EXISTS (SELECT 1 FROM project.blobs WHERE pack = thing.key)"
    " OR EXISTS (SELECT 1 FROM project.versions WHERE manifest_key = thing.key)"
    " OR EXISTS (SELECT 1 FROM project.versions WHERE history_key = thing.key)"
    " OR EXISTS (SELECT 1 FROM project.versions WHERE config_key = thing.key)"
    " OR EXISTS (SELECT 1 FROM project.exports WHERE tree_sha256 = split_part(split_part(thing.key, '/', 3), '.', 1)"
    " AND thing.key = 'exports/' || org_id || '/' || tree_sha256 || '.' || format)"
)
_DOOM = sa.text(
    f"UPDATE project.objects AS thing SET doomed_at = now() WHERE key = ANY(cast(:keys AS text[])) AND NOT ({_USES})"
    " RETURNING key"
)
_DOOMED = sa.text(
    "UPDATE project.objects SET doomed_at = now() WHERE key IN (SELECT key FROM project.objects"
    " WHERE doomed_at < now() - make_interval(secs => :since) ORDER BY key LIMIT :limit FOR UPDATE SKIP LOCKED)"
    " RETURNING key"
)
_FORGET = sa.text("DELETE FROM project.objects WHERE key = ANY(cast(:keys AS text[])) AND doomed_at IS NOT NULL")


class SqlGarbage:
    """`ports.Garbage`; row-level security keeps it to the caller's organisation."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def mark(self, *, after: str, limit: int) -> Scanned:
        seen = self._connection.execute(_BLOBS, {"after": after, "limit": limit}).all()
        idle = self._locked(_LOCK_BLOBS, hashes=[row.sha256 for row in seen if row.idle])
        self._connection.execute(_MARK, {"hashes": idle})
        return Scanned(seen[-1].sha256 if len(seen) == limit else None)

    def sweep(self, *, grace_s: float, limit: int) -> int:
        due = list(self._connection.execute(_MARKED, {"grace": grace_s, "limit": limit}).scalars())
        self._connection.execute(_UNMARK, {"hashes": due})
        gone = self._connection.execute(_DELETE, {"hashes": due}).all()
        left = {"orgs": [str(row.org_id) for row in gone], "packs": [row.pack for row in gone]}
        self._connection.execute(_LEFT, left)
        return len(gone)

    def expire(self, limit: int) -> int:
        return self._connection.execute(_EXPIRE, {"limit": limit}).rowcount

    def doom(self, *, grace_s: float, after: str, limit: int) -> Scanned:
        seen = self._connection.execute(_OBJECTS, {"grace": grace_s, "after": after, "limit": limit}).all()
        old = self._locked(_LOCK_OBJECTS, grace=grace_s, keys=[row.key for row in seen if row.old])
        doomed = self._connection.execute(_DOOM, {"keys": old}).scalars().all()
        return Scanned(seen[-1].key if len(seen) == limit else None, sorted(doomed))

    def doomed(self, *, since_s: float, limit: int) -> Sequence[str]:
        return sorted(self._connection.execute(_DOOMED, {"since": since_s, "limit": limit}).scalars())

    def forget(self, keys: Sequence[str]) -> None:
        self._connection.execute(_FORGET, {"keys": list(keys)})

    def _locked(self, statement: sa.TextClause, **values: object) -> list[str]:
        return list(self._connection.execute(statement, values).scalars())
