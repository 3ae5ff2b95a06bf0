"""Readings of manifests, stored by content."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from functions.analysis.adapters import bulk
from functions.analysis.engines.manifests.kinds import NAMES
from functions.analysis.repositories.manifests import ManifestHere
from functions.analysis.tables import analysis_files, manifest_readings

_FOREIGN = "(^|/)(node_modules|vendor|vendored|third[_-]?party|bower_components|site-packages)/"
_PLACE = ("sha256", "kind")
_KNOWN = sa.text(
    f"""
    SELECT stored.sha256, stored.kind, stored.reading
    FROM {bulk.unnest(manifest_readings, _PLACE)} JOIN analysis.manifest_readings AS stored USING (sha256, kind)
    """
)


class SqlManifests:
    """`ports.Manifests`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def here(self, analysis_id: str, *, limit: int) -> list[ManifestHere]:
        file = analysis_files.c
        ours = ~file.path.regexp_match(_FOREIGN, "i") & ~file.language_key.like("%:test")
        query = (
            sa.select(file.path, file.sha256, file.size_bytes)
            .where(file.analysis_id == analysis_id, file.reason.is_(None), file.path.regexp_match(NAMES), ours)
            .order_by(file.seq)
            .limit(limit)
        )
        return [ManifestHere(path, sha256.hex(), size) for path, sha256, size in self._connection.execute(query)]

    def known(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Mapping[str, Any]]:
        given = {"sha256": [bytes.fromhex(sha256) for sha256, _ in wanted], "kind": [kind for _, kind in wanted]}
        rows = self._connection.execute(_KNOWN, given)
        return {(sha256.hex(), kind): json.loads(zlib.decompress(packed)) for sha256, kind, packed in rows}

    def add(self, readings: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        given: dict[str, list[Any]] = {
            "org_id": [self._org_id] * len(readings),
            "sha256": [bytes.fromhex(sha256) for sha256, _ in readings],
            "kind": [kind for _, kind in readings],
            "reading": [zlib.compress(json.dumps(one, separators=(",", ":")).encode()) for one in readings.values()],
        }
        bulk.insert(self._connection, manifest_readings, given, "ON CONFLICT DO NOTHING")
