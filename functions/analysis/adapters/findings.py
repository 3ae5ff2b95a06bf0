"""Findings of an analysis: those of its contents, at the paths that have them, and those of whole-project engines.

They are stored by content, so an analysis adds rows only for what is new in it. A page goes over narrow rows of all
findings, 100,000 of them in a tenth of a second, and reads in full only those that it shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from functions.analysis.adapters import bulk, listings
from functions.analysis.adapters.placements import PLACES
from functions.analysis.lifecycle import Analysis
from functions.analysis.results import SEVERITIES, Counts, ListedFinding, Listing
from functions.analysis.tables import findings
from functions.analysis.tracking.places import Found, Place, path_id

_found = findings.c
_TOTALS = sa.text(
    f"""
    SELECT {", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in SEVERITIES)}
    FROM ({PLACES.format("CAST(:analysis_id AS uuid)")}) AS place JOIN analysis.file_results AS result ON result.id = place.result_id
    """
)
_ANY_DISMISSED = sa.text(listings.ANY_DISMISSED)
_DISMISSED_HERE = sa.text(listings.DISMISSED_HERE)


class SqlFindings:
    """`repositories.Findings`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def page(self, analysis: Analysis, listing: Listing) -> list[ListedFinding]:
        keys = self._chosen(listings.keys, analysis, listing)
        if not keys:
            return []
        given = _wanted(keys) | {"analysis_id": analysis.id, "project_id": analysis.project_id}
        return [ListedFinding(*row) for row in self._connection.execute(sa.text(listings.show(analysis)), given)]

    def of_results(self, result_ids: Collection[int]) -> dict[int, list[Found]]:
        ids = sa.literal(sorted(result_ids), sa.ARRAY(sa.BigInteger))
        columns = [_found[name] for name in Found._fields]
        query = sa.select(*columns).where(_found.result_id == sa.func.any(ids)).order_by(_found.result_id, _found.n)
        of_result: dict[int, list[Found]] = defaultdict(list)
        for row in self._connection.execute(query):
            of_result[row[0]].append(Found(*row))
        return of_result

    def counts(self, analysis: Analysis) -> Counts:
        given = {"analysis_id": analysis.id, "project_id": analysis.project_id}
        with bulk.hashed(self._connection):
            totals = self._connection.execute(_TOTALS, given).one()._mapping
            rows = self._connection.execute(_DISMISSED_HERE, given).all() if self._any_dismissed(analysis) else []
        dismissed = {SEVERITIES[rank]: count for rank, count in rows}
        open_ = {name: int(totals[name]) - dismissed.get(name, 0) for name in SEVERITIES}
        new = open_ if analysis.baseline_id is None else self._new(analysis)
        return Counts(open_, new, sum(dismissed.values()))

    def _new(self, analysis: Analysis) -> dict[str, int]:
        rows = self._chosen(listings.ranks, analysis, Listing(new=True))
        found = {SEVERITIES[row[0]]: row[1] for row in rows}
        return {name: found.get(name, 0) for name in SEVERITIES}

    def _chosen(self, statement: listings.Statement, analysis: Analysis, listing: Listing) -> Sequence[tuple[Any, ...]]:
        dismissed = listings.hides(listing) and self._any_dismissed(analysis)
        query = sa.text(statement(analysis, listing, dismissed))
        with bulk.hashed(self._connection):
            return [tuple(row) for row in self._connection.execute(query, listings.given(analysis, listing))]

    def _any_dismissed(self, analysis: Analysis) -> bool:
        return bool(self._connection.execute(_ANY_DISMISSED, {"project_id": analysis.project_id}).scalar_one())


def _wanted(keys: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Places by column, each with the numbers of its findings."""
    numbers: dict[Place, list[str]] = defaultdict(list)
    for row in keys:
        numbers[Place(*row[:-1])].append(str(row[-1]))
    columns = {
        name: [getattr(place, name) for place in numbers] for name in ("path", "seq", "base", "result_id", "variant")
    }
    return columns | {
        "path_id": [path_id(place.path) for place in numbers],
        "numbers": [",".join(listed) for listed in numbers.values()],
    }
