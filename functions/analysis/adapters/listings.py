"""Statements that list findings: first which ones, on narrow rows, then what they say and which problems they are.

How they are joined is written down, as what a transaction has just stored has no statistics that a planner could go by:
contents and problems are looked up by key, one after the other, and lists of an analysis are hashed. Ids of problems
are unpacked once for each place, however many of its findings are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from functions.analysis.adapters.placements import PLACES
from functions.analysis.lifecycle import Analysis
from functions.analysis.results import RANK, Listing
from functions.analysis.tables import findings
from functions.analysis.tracking.problems import ProblemState

Statement: TypeAlias = Callable[[Analysis, Listing, bool], str]
_HERE = PLACES.format("CAST(:analysis_id AS uuid)")
_HIDDEN_COLUMNS = ("org_id", "result_id", "n", "rank", "context", "symbol")
_SHOWN = tuple(f'found."{column.name}"' for column in findings.columns if column.name not in _HIDDEN_COLUMNS)
_WHY = ("reason", "comment", "dismissed_by::text", "dismissed_at", "expires_at")
_HELD = "state = 'dismissed' AND (expires_at IS NULL OR expires_at > now())"
_FINDING = "SELECT * FROM analysis.findings AS said WHERE said.result_id = place.result_id"
_DISMISSED = f"""
    dismissed AS MATERIALIZED (SELECT id FROM analysis.problems WHERE project_id = :project_id AND {_HELD}),
    hidden AS MATERIALIZED (
      SELECT place.seq, place.base + listed.number - 1 AS n, place.result_id, listed.number - 1 AS number FROM place
      JOIN analysis.placements AS placed ON placed.project_id = :project_id AND placed.result_id = place.result_id
        AND placed.path = place.path AND placed.variant = place.variant
      CROSS JOIN LATERAL unnest(placed.problems) WITH ORDINALITY AS listed(problem, number)
      JOIN dismissed ON dismissed.id = listed.problem
    )
"""
ANY_DISMISSED = f"SELECT EXISTS (SELECT FROM analysis.problems WHERE project_id = :project_id AND {_HELD})"
DISMISSED_HERE = f"""
    WITH place AS MATERIALIZED ({_HERE}), {_DISMISSED}
    SELECT found.rank, count(*) FROM hidden AS place
    CROSS JOIN LATERAL ({_FINDING} AND said.n = place.number OFFSET 0) AS found GROUP BY 1
"""
_NEW = """
    LEFT JOIN analysis.new_findings AS new ON new.analysis_id = :analysis_id AND new.seq = place.seq
      AND new.n = place.base + found.n
"""
_HIDE = "LEFT JOIN hidden ON hidden.seq = place.seq AND hidden.n = place.base + found.n"
_JOINED = "coalesce({0}.n, -1) >= 0"
"""A plain `IS NOT NULL` would let the planner join the other way round, and read all findings of a place for each."""
SHOW = f"""
    WITH tied AS MATERIALIZED (
      SELECT place.*, placed.ids FROM unnest(CAST(:path AS text[]), CAST(:path_id AS uuid[]), CAST(:seq AS integer[]),
        CAST(:base AS integer[]), CAST(:result_id AS bigint[]), CAST(:variant AS smallint[]), CAST(:numbers AS text[]))
        AS place(path, path_id, seq, base, result_id, variant, numbers)
      LEFT JOIN LATERAL (
        SELECT problems || CAST(ARRAY[] AS uuid[]) AS ids FROM analysis.placements AS placed
        WHERE placed.project_id = :project_id AND placed.result_id = place.result_id
          AND placed.path_id = place.path_id AND placed.variant = place.variant OFFSET 0
      ) AS placed ON true
    )
    SELECT place.seq, found.n + place.base, place.path, found.rank, {", ".join(_SHOWN)},
      {{new}} AND NOT coalesce(problem.held, false), problem.id::text, CASE WHEN problem.held THEN 'dismissed' ELSE 'open' END,
      problem.first_analysis_id::text, problem.first_version_id::text,
      {", ".join(f"CASE WHEN problem.held THEN problem.{name} END" for name in _WHY)}
    FROM tied AS place
    CROSS JOIN LATERAL unnest(CAST(string_to_array(place.numbers, ',') AS integer[])) AS wanted(n)
    CROSS JOIN LATERAL ({_FINDING} AND said.n = wanted.n OFFSET 0) AS found
    LEFT JOIN LATERAL (
      SELECT *, {_HELD} AS held FROM analysis.problems AS one WHERE one.id = place.ids[found.n + 1] OFFSET 0
    ) AS problem ON true
    ORDER BY found.rank, place.seq, 2
"""
_ALWAYS_NEW = "true"
_MARKED_NEW = """
    EXISTS (
      SELECT FROM analysis.new_findings AS new
      WHERE new.analysis_id = :analysis_id AND new.seq = place.seq AND new.n = found.n + place.base
    )
"""


def show(analysis: Analysis) -> str:
    """Findings at `numbers` of places, with their problems: the columns of `ListedFinding`."""
    return SHOW.format(new=_ALWAYS_NEW if analysis.baseline_id is None else _MARKED_NEW)


def keys(analysis: Analysis, listing: Listing, dismissed: bool) -> str:
    """Where the findings of a page are: a place and a number, in the order of the listing.

    Args:
        dismissed: any finding of the project is.
    """
    shown = "place.path, place.engine, place.seq, place.base, place.result_id, place.variant, found.n"
    order = "ORDER BY found.rank, place.seq, place.base + found.n LIMIT :limit"
    return f"{_with(listing, dismissed)} SELECT {shown} {_chosen(analysis, listing, dismissed)} {order}"


def ranks(analysis: Analysis, listing: Listing, dismissed: bool) -> str:
    """How many findings a listing has, by rank."""
    return f"{_with(listing, dismissed)} SELECT found.rank, count(*) {_chosen(analysis, listing, dismissed)} GROUP BY 1"


def given(analysis: Analysis, listing: Listing) -> dict[str, object]:
    """The parameters of `keys` and `ranks`."""
    rank, seq, n = listing.after or (0, 0, 0)
    return {
        "analysis_id": analysis.id,
        "project_id": analysis.project_id,
        "ranks": sorted(RANK[name] for name in listing.severities),
        "path": listing.path,
        "rule": listing.rule,
        "rank": rank,
        "seq": seq,
        "n": n,
        "limit": listing.limit,
    }


def hides(listing: Listing) -> bool:
    """Whether the listing depends on what is dismissed."""
    return listing.state is not None or listing.new is not None


def _with(listing: Listing, dismissed: bool) -> str:
    of_path = " WHERE path = :path" if listing.path is not None else ""
    place = f"WITH place AS MATERIALIZED (SELECT * FROM ({_HERE}) AS place{of_path})"
    return f"{place}, {_DISMISSED}" if dismissed and hides(listing) else place


def _chosen(analysis: Analysis, listing: Listing, dismissed: bool) -> str:
    said = " AND said.rule = :rule" if listing.rule is not None else ""
    said += " AND said.rank = ANY(CAST(:ranks AS smallint[]))" if listing.severities else ""
    said += " AND said.rank >= :rank" if listing.after is not None else ""
    joins, hidden, new = "", "false", "true"
    if dismissed and hides(listing):
        joins, hidden = _HIDE, _JOINED.format("hidden")
    if analysis.baseline_id is not None and listing.new is not None:
        joins, new = joins + _NEW, _JOINED.format("new")
    found = f"FROM place CROSS JOIN LATERAL ({_FINDING}{said} OFFSET 0) AS found {joins}"
    return f"{found} WHERE {' AND '.join(_conditions(listing, hidden, new))}"


def _conditions(listing: Listing, hidden: str, new: str) -> list[str]:
    conditions = ["true"]
    if listing.new is not None:
        conditions.append(f"({new} AND NOT {hidden})" if listing.new else f"(NOT ({new}) OR {hidden})")
    if listing.state is not None:
        conditions.append(hidden if listing.state == ProblemState.DISMISSED else f"NOT ({hidden})")
    if listing.after is not None:
        conditions.append("(found.rank, place.seq, place.base + found.n) > (:rank, :seq, :n)")
    return conditions
