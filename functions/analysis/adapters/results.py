"""Results of the engines by content, with their findings; written once and read by every analysis that meets them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from functions.analysis.adapters import bulk
from functions.analysis.adapters.lifetimes import hold_results
from functions.analysis.results import Document, calls_of, columns, finding_rows, outline_of
from functions.analysis.tables import file_results, findings

_LEVEL = 1  # of zlib: a third of the size at a fifth of the time of level 6
_AT_ONCE = 200  # documents in memory
_FINDING = tuple(column.name for column in findings.columns)[3:]
_PLACE = ("sha256", "language_key", "engine_set")
_IDS = sa.text(
    f"""
    SELECT stored.id, stored.sha256, stored.language_key
    FROM {bulk.unnest(file_results, _PLACE)}
    JOIN analysis.file_results AS stored USING (sha256, language_key, engine_set)
    """
)


class SqlResults:
    """`ports.Results`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def add(self, results: Sequence[tuple[str, Document]]) -> list[int]:
        if not results:
            return []
        hold_results(self._connection, self._org_id)
        ordered = sorted(
            results, key=lambda item: (item[1]["sha256"], item[0])
        )  # the same for all writers: no deadlock
        rows = [self._row(key, document) for key, document in ordered]
        given = {name: [row[name] for row in rows] for name in rows[0]}
        added = (
            bulk.insert(self._connection, file_results, given, "ON CONFLICT DO NOTHING RETURNING id").scalars().all()
        )
        places = {name: given[name] for name in _PLACE}
        ids = {(row.sha256.hex(), row.language_key): row.id for row in self._connection.execute(_IDS, places)}
        new = set(added)
        fresh = [(ids[document["sha256"], key], document) for key, document in ordered]
        self._add_findings([(result_id, document) for result_id, document in fresh if result_id in new])
        return [ids[document["sha256"], key] for key, document in results]

    def _row(self, language_key: str, document: Document) -> dict[str, Any]:
        return {
            "org_id": self._org_id,
            "language_key": language_key,
            **columns(document),
            "outline": _packed(outline_of(document)),
            "calls": _packed(calls_of(document)),
        }

    def _add_findings(self, added: Sequence[tuple[int, Document]]) -> None:
        rows = [
            (self._org_id, result_id, n, *finding)
            for result_id, document in added
            for n, finding in enumerate(finding_rows(document))
        ]
        if rows:
            names = ("org_id", "result_id", "n", *_FINDING)
            by_column = dict(zip(names, (list(column) for column in zip(*rows, strict=True)), strict=True))
            bulk.insert(self._connection, findings, by_column)

    def outlines(self, result_ids: Sequence[int]) -> Iterator[tuple[int, Document]]:
        return self._documents(file_results.c.outline, result_ids)

    def calls(self, result_ids: Sequence[int]) -> Iterator[tuple[int, Document]]:
        return self._documents(file_results.c.calls, result_ids)

    def _documents(self, column: sa.Column[bytes], result_ids: Sequence[int]) -> Iterator[tuple[int, Document]]:
        for start in range(0, len(result_ids), _AT_ONCE):
            ids = sa.literal(list(result_ids[start : start + _AT_ONCE]), sa.ARRAY(sa.BigInteger))
            wanted = file_results.c.id == sa.func.any(ids)
            for id_, packed in self._connection.execute(sa.select(file_results.c.id, column).where(wanted)):
                yield id_, json.loads(zlib.decompress(packed))


def _packed(document: Document) -> bytes:
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), _LEVEL)
