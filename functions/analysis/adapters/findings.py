"""Findings of an analysis: those of its contents, at the paths that have them, and those of whole-project engines.

They are stored by content, so an analysis adds rows only for what is new in it; a page joins some 10,000 candidates
and sorts out the worst in a few tens of milliseconds. Only what is shown is tied to its problem, unless the state of
all findings is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from functions.analysis.adapters import bulk
from functions.analysis.adapters.placements import PLACES
from functions.analysis.adapters.problems import DISMISSED
from functions.analysis.lifecycle import Analysis
from functions.analysis.results import RANK, SEVERITIES, Counts, ListedFinding, Listing
from functions.analysis.tables import findings, new_findings, placements, problems
from functions.analysis.tracking.places import Found, Place
from functions.analysis.tracking.problems import ProblemState

_found, _new, _placed, _problem = findings.c, new_findings.c, placements.c, problems.c
_HIDDEN = ("org_id", "result_id", "n", "rank", "context", "symbol")
_SHOWN = tuple(column.name for column in findings.columns if column.name not in _HIDDEN)
_STATE = sa.case((DISMISSED, ProblemState.DISMISSED.value), else_=ProblemState.OPEN.value)
_FIRST = (_problem.first_analysis_id, _problem.first_version_id)
_WHY = (_problem.reason, _problem.comment, _problem.dismissed_by, _problem.dismissed_at, _problem.expires_at)
_TOTALS = sa.text(
    f"""
    SELECT {", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in SEVERITIES)}
    FROM ({PLACES.format("CAST(:analysis_id AS uuid)")}) AS place JOIN analysis.file_results AS result ON result.id = place.result_id
    """
)
_DISMISSED_HERE = sa.text(
    f"""
    WITH dismissed AS (
      SELECT id FROM analysis.problems
      WHERE project_id = :project_id AND state = 'dismissed' AND (expires_at IS NULL OR expires_at > now())
    )
    SELECT found.rank, count(*) FROM ({PLACES.format("CAST(:analysis_id AS uuid)")}) AS place
    JOIN analysis.placements AS placed ON placed.project_id = :project_id AND placed.result_id = place.result_id
      AND placed.path = place.path AND placed.variant = place.variant
    CROSS JOIN LATERAL unnest(placed.problems) WITH ORDINALITY AS listed(problem, number)
    JOIN dismissed ON dismissed.id = listed.problem
    JOIN analysis.findings AS found ON found.result_id = place.result_id AND found.n = listed.number - 1
    WHERE EXISTS (SELECT FROM dismissed) GROUP BY 1
    """
)


class SqlFindings:
    """`repositories.Findings`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def page(self, analysis: Analysis, listing: Listing) -> list[ListedFinding]:
        ordered = _chosen(analysis, listing).order_by("rank", "seq", "n").limit(listing.limit)
        chosen = ordered.subquery("chosen").c
        shown = [chosen[name] for name in ("seq", "n", "path", "rank", *_SHOWN)]
        new = chosen.new & ~sa.func.coalesce(DISMISSED, sa.false())
        of_problem = (_problem.id, _STATE, *_FIRST, *(sa.case((DISMISSED, why)) for why in _WHY))
        tied = _tied(chosen.seq.table, chosen, analysis.project_id)
        query = sa.select(*shown, new, *of_problem).select_from(tied).order_by(chosen.rank, chosen.seq, chosen.n)
        return [ListedFinding(*tuple(row)) for row in self._connection.execute(query)]

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
            rows = self._connection.execute(_DISMISSED_HERE, given).all()
        dismissed = {SEVERITIES[rank]: count for rank, count in rows}
        open_ = {name: int(totals[name]) - dismissed.get(name, 0) for name in SEVERITIES}
        new = open_ if analysis.baseline_id is None else self._new(analysis)
        return Counts(open_, new, sum(dismissed.values()))

    def _new(self, analysis: Analysis) -> dict[str, int]:
        chosen = _chosen(analysis, Listing(new=True)).subquery("chosen")
        query = sa.select(chosen.c.rank, sa.func.count()).group_by(chosen.c.rank)
        found = {SEVERITIES[rank]: count for rank, count in self._connection.execute(query)}
        return {name: found.get(name, 0) for name in SEVERITIES}


def _chosen(analysis: Analysis, listing: Listing) -> sa.Select[Any]:
    """The findings that the listing asks for, with what ties them to problems; `new` is as against the baseline."""
    place = _places(analysis.id)
    n = (place.c.base + _found.n).label("n")
    tables: sa.FromClause = place.join(findings, _found.result_id == place.c.result_id)
    new: sa.ColumnElement[bool] = sa.true()
    if analysis.baseline_id is not None:
        same = (_new.analysis_id == analysis.id) & (_new.seq == place.c.seq) & (_new.n == place.c.base + _found.n)
        tables = tables.outerjoin(new_findings, same)
        new = _new.n.is_not(None)
    number = _found.n.label("number")
    if listing.new is not None or listing.state is not None:
        columns: dict[str, Any] = {
            "result_id": place.c.result_id,
            "path": place.c.path,
            "variant": place.c.variant,
            "number": _found.n,
        }
        tables = _tied(tables, columns, analysis.project_id)
    chosen = sa.select(place.c.seq, n, place.c.path, _found.rank, *(_found[name] for name in _SHOWN), new.label("new"))
    tying = chosen.add_columns(place.c.result_id, place.c.variant, number)
    return tying.select_from(tables).where(*_conditions(listing, place.c, n, new))


def _places(analysis_id: str) -> sa.Subquery:
    types = {"path": sa.Text, "engine": sa.Text, "result_id": sa.BigInteger, "variant": sa.SmallInteger}
    columns: list[sa.ColumnClause[Any]] = [sa.column(name, types.get(name, sa.Integer)) for name in Place._fields]
    listed = sa.text(PLACES.format("CAST(:analysis_id AS uuid)")).bindparams(analysis_id=analysis_id)
    return listed.columns(*columns).subquery("place")


def _tied(tables: sa.FromClause, columns: Any, project_id: str) -> sa.FromClause:
    """Join the problem of each finding, as far as it is tied to one."""
    same = (
        (_placed.project_id == project_id)
        & (_placed.result_id == columns["result_id"])
        & (_placed.path == columns["path"])
        & (_placed.variant == columns["variant"])
    )
    its = _problem.id == _placed.problems[columns["number"] + 1]
    return tables.outerjoin(placements, same).outerjoin(problems, its)


def _conditions(
    listing: Listing, place: Any, n: sa.ColumnElement[int], new: sa.ColumnElement[bool]
) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    dismissed = sa.func.coalesce(DISMISSED, sa.false())
    if listing.severities:
        conditions.append(_found.rank.in_([RANK[name] for name in listing.severities]))
    if listing.path is not None:
        conditions.append(place.path == listing.path)
    if listing.rule is not None:
        conditions.append(_found.rule == listing.rule)
    if listing.new is not None:
        conditions.append(new & ~dismissed if listing.new else ~new | dismissed)
    if listing.state is not None:
        conditions.append(dismissed if listing.state == ProblemState.DISMISSED else ~dismissed)
    if listing.after is not None:
        conditions.append(sa.tuple_(_found.rank, place.seq, n) > sa.tuple_(*listing.after))
    return conditions
