"""Findings of an analysis: those of its contents, at the paths that have them.

They are stored by content, so an analysis adds rows only for what is new in it; a page joins some 10,000 candidates
and sorts out the worst in a few tens of milliseconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from functions.analysis.adapters import bulk
from functions.analysis.lifecycle import Analysis
from functions.analysis.results import RANK, ListedFinding, Listing, Mark
from functions.analysis.tables import analysis_files, findings, new_findings

_file, _found, _new = analysis_files.c, findings.c, new_findings.c
_HIDDEN = ("org_id", "result_id", "n", "rank", "context", "symbol")
_SHOWN = tuple(column for column in findings.columns if column.name not in _HIDDEN)


class SqlFindings:
    """`ports.Findings`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def page(self, analysis: Analysis, listing: Listing) -> list[ListedFinding]:
        if listing.new is False and analysis.baseline_id is None:
            return []
        query = _join(analysis).where(*_conditions(analysis, listing))
        ordered = query.order_by(_found.rank, _file.seq, _found.n).limit(listing.limit)
        return [ListedFinding(*row) for row in self._connection.execute(ordered)]

    def marks(self, files: Iterable[tuple[str, int, int]]) -> list[Mark]:
        of_result: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for path, seq, result_id in files:
            of_result[result_id].append((path, seq))
        ids = sa.literal(list(of_result), sa.ARRAY(sa.BigInteger))
        query = sa.select(_found.result_id, _found.n, _found.fingerprint).where(_found.result_id == sa.func.any(ids))
        return [
            Mark(seq, n, path, fingerprint)
            for result_id, n, fingerprint in self._connection.execute(query.order_by(_found.result_id, _found.n))
            for path, seq in of_result[result_id]
        ]

    def mark_new(self, analysis_id: str, places: Iterable[tuple[int, int]]) -> None:
        self._connection.execute(sa.delete(new_findings).where(_new.analysis_id == analysis_id))
        listed = list(places)
        given: dict[str, list[Any]] = {
            "org_id": [self._org_id] * len(listed),
            "analysis_id": [analysis_id] * len(listed),
            "seq": [seq for seq, _ in listed],
            "n": [n for _, n in listed],
        }
        bulk.insert(self._connection, new_findings, given)


def _join(analysis: Analysis) -> sa.Select[Any]:
    """The columns are those of `ListedFinding`, in its order; without a baseline everything is new."""
    same = (_new.analysis_id == analysis.id) & (_new.seq == _file.seq) & (_new.n == _found.n)
    tables = analysis_files.join(findings, _found.result_id == _file.result_id)
    new: sa.ColumnElement[bool] = sa.true()
    if analysis.baseline_id is not None:
        tables = tables.outerjoin(new_findings, same)
        new = _new.n.is_not(None)
    return sa.select(_file.seq, _found.n, _file.path, _found.rank, *_SHOWN, new.label("new")).select_from(tables)


def _conditions(analysis: Analysis, listing: Listing) -> list[sa.ColumnElement[bool]]:
    conditions = [_file.analysis_id == analysis.id, _file.reason.is_(None)]
    if listing.severities:
        conditions.append(_found.rank.in_([RANK[name] for name in listing.severities]))
    if listing.path is not None:
        conditions.append(_file.path == listing.path)
    if listing.new is not None and analysis.baseline_id is not None:
        conditions.append(_new.n.is_not(None) if listing.new else _new.n.is_(None))
    if listing.after is not None:
        conditions.append(sa.tuple_(_found.rank, _file.seq, _found.n) > sa.tuple_(*listing.after))
    return conditions
