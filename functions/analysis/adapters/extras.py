"""Findings of whole-project engines, stored as results that no content has: equal ones of a file are stored once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from functions.analysis.adapters import bulk
from functions.analysis.adapters.results import SqlResults
from functions.analysis.engines.fingerprints import identified
from functions.analysis.model import Finding, Metrics
from functions.analysis.results import Document
from functions.analysis.tables import analysis_extras, analysis_files

EXTRA = "extra"
_ROW = attrgetter(*Finding.__slots__)
_APART = 1_000_000  # between the numbers of two engines' findings in a file; no content has as many findings


class SqlExtras:
    """`repositories.Extras`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def replace(self, analysis_id: str, found: Mapping[str, Mapping[str, Sequence[Finding]]]) -> None:
        seqs = self._seqs(analysis_id, {path for by_path in found.values() for path in by_path})
        places, documents = [], {}
        for number, (engine, path, listed) in _listed(found):
            if path in seqs and listed:
                document = _document(identified(listed))
                key = f"{EXTRA}:{engine}", document
                documents[key[0], document["sha256"]] = key
                places.append((seqs[path], engine, path, (key[0], document["sha256"]), number * _APART))
        ids = dict(
            zip(documents, SqlResults(self._connection, self._org_id).add(list(documents.values())), strict=True)
        )
        self._store(analysis_id, [(*place[:3], ids[place[3]], place[4]) for place in places])

    def _seqs(self, analysis_id: str, paths: set[str]) -> dict[str, int]:
        wanted = sa.literal(sorted(paths), sa.ARRAY(sa.Text))
        file = analysis_files.c
        query = sa.select(file.path, file.seq).where(file.analysis_id == analysis_id, file.path == sa.func.any(wanted))
        return {path: seq for path, seq in self._connection.execute(query)}

    def _store(self, analysis_id: str, rows: Sequence[tuple[Any, ...]]) -> None:
        self._connection.execute(sa.delete(analysis_extras).where(analysis_extras.c.analysis_id == analysis_id))
        names = ("org_id", "analysis_id", "seq", "engine", "path", "result_id", "base")
        whole = [(self._org_id, analysis_id, *row) for row in rows]
        given = {name: [row[place] for row in whole] for place, name in enumerate(names)}
        bulk.insert(self._connection, analysis_extras, given)


def _listed(
    found: Mapping[str, Mapping[str, Sequence[Finding]]],
) -> Iterator[tuple[int, tuple[str, str, Sequence[Finding]]]]:
    """Each engine's findings by path with the engine's number, from 1 on in the order of names."""
    for number, engine in enumerate(sorted(found), 1):
        for path in sorted(found[engine]):
            yield number, (engine, path, found[engine][path])


def _document(findings: Sequence[Finding]) -> Document:
    rows = [_ROW(finding) for finding in findings]
    told = json.dumps(rows, separators=(",", ":")).encode()
    empty: dict[str, Any] = {name: [] for name in ("functions", "classes", "constants", "imports", "callers", "calls")}
    return empty | {
        "sha256": sha256(told).hexdigest(),
        "engines": "",
        "language": "",
        "status": EXTRA,
        "reason": "",
        "notes": [],
        "metrics": attrgetter(*Metrics.__slots__)(Metrics()),
        "findings": rows,
    }
