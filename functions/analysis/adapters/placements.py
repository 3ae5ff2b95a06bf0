"""Which problems the findings of a result are, at a path.

Placements are written once: a place that needs other problems than the ones stored gets a variant of its own. Joins go
by result and path as text, which the planner hashes; row-level security lets no index on arrays be used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from functions.analysis.adapters import bulk
from functions.analysis.lifecycle import Analysis
from functions.analysis.tracking.places import At, Changed, Place, path_id

PLACES = """
    SELECT path, '' AS engine, seq, 0 AS base, result_id, variant FROM analysis.analysis_files
    WHERE analysis_id = {0} AND result_id IS NOT NULL AND reason IS NULL
    UNION ALL
    SELECT path, engine, seq, base, result_id, variant FROM analysis.analysis_extras WHERE analysis_id = {0}
"""
"""The columns of `Place`, in its order."""
_HERE, _THERE = PLACES.format("CAST(:here AS uuid)"), PLACES.format("CAST(:there AS uuid)")
_NAMES = ("path", "engine", "seq", "base", "result_id", "variant")
_BOTH = f"""
    WITH here AS ({_HERE}), there AS ({_THERE}), changed AS (
      SELECT {", ".join(f"here.{name} AS now_{name}" for name in _NAMES)},
        {", ".join(f"there.{name} AS old_{name}" for name in _NAMES)}
      FROM here FULL JOIN there ON here.path = there.path AND here.engine = there.engine
      WHERE here.result_id IS DISTINCT FROM there.result_id OR here.variant IS DISTINCT FROM there.variant
    )
"""
_CHANGES = sa.text(
    f"{_BOTH} SELECT * FROM changed ORDER BY coalesce(now_path, old_path), coalesce(now_engine, old_engine)"
)
_INHERIT = """
    UPDATE analysis.{table} AS mine SET variant = other.variant FROM analysis.{table} AS other
    WHERE other.analysis_id = :there AND other.variant <> 0 AND mine.analysis_id = :here AND mine.path = other.path
      AND mine.result_id = other.result_id {also}
"""
_INHERITS = (
    sa.text(_INHERIT.format(table="analysis_files", also="")),
    sa.text(_INHERIT.format(table="analysis_extras", also="AND mine.engine = other.engine")),
)
_KNOWN = sa.text(
    """
    SELECT placed.* FROM unnest(CAST(:results AS bigint[]), CAST(:paths AS uuid[])) AS given(result_id, path_id)
    CROSS JOIN LATERAL (
      SELECT result_id, path, variant, problems FROM analysis.placements
      WHERE project_id = :project_id AND result_id = given.result_id AND path_id = given.path_id OFFSET 0
    ) AS placed
    """
)
_JOINED = (
    "JOIN analysis.placements AS placed ON placed.project_id = :project_id AND placed.result_id = {0}.{1}result_id"
)
_JOIN = _JOINED + " AND placed.path = {0}.{1}path AND placed.variant = {0}.{1}variant"
_USED = sa.text(
    f"""
    WITH here AS ({_HERE}), there AS ({_THERE})
    SELECT problem FROM here JOIN there USING (path, engine, result_id, variant) {_JOIN.format("here", "")}
    CROSS JOIN LATERAL unnest(placed.problems) AS problem
    JOIN unnest(CAST(:ids AS uuid[])) AS given(problem) USING (problem)
    """
)
_REGULAR = sa.text(
    """
    SELECT path FROM analysis.analysis_files WHERE analysis_id = :analysis_id AND path = ANY(:paths)
      AND coalesce(reason, '') NOT IN ('symlink', 'submodule')
    """
)
_STORE = sa.text(
    """
    INSERT INTO analysis.placements (org_id, project_id, result_id, path_id, variant, path, problems)
    SELECT :org_id, :project_id, result_id, path_id, variant, path, CAST(string_to_array(ids, ',') AS uuid[])
    FROM unnest(CAST(:result_id AS bigint[]), CAST(:path_id AS uuid[]), CAST(:variant AS smallint[]),
      CAST(:path AS text[]), CAST(:ids AS text[])) AS given(result_id, path_id, variant, path, ids)
    ON CONFLICT DO NOTHING
    """
)
_SET = """
    UPDATE analysis.{table} AS mine SET variant = given.variant
    FROM unnest(CAST(:seqs AS integer[]), CAST(:engines AS text[]), CAST(:variants AS smallint[]))
      AS given(seq, engine, variant)
    WHERE mine.analysis_id = :analysis_id AND mine.seq = given.seq AND given.engine {of}
"""
_SETS = (
    sa.text(_SET.format(table="analysis_files", of="= ''")),
    sa.text(_SET.format(table="analysis_extras", of="= mine.engine")),
)
_MARK_NEW = sa.text(
    f"""
    {_BOTH}, mine AS (
      SELECT now_seq AS seq, now_base + number - 1 AS n, problem
      FROM changed {_JOIN.format("changed", "now_")}
      CROSS JOIN LATERAL unnest(placed.problems) WITH ORDINALITY AS listed(problem, number)
    ), theirs AS (
      SELECT problem FROM changed {_JOIN.format("changed", "old_")}
      CROSS JOIN LATERAL unnest(placed.problems) AS problem
    ), marked AS (
      INSERT INTO analysis.new_findings (org_id, analysis_id, seq, n)
      SELECT :org_id, :here, seq, n FROM mine
      WHERE NOT EXISTS (SELECT FROM theirs WHERE theirs.problem = mine.problem) AND NOT EXISTS (
        SELECT FROM (
          SELECT change FROM analysis.problem_history AS said
          WHERE said.problem_id = mine.problem AND said.analysis_id <= :there AND change IN ('withheld', 'fixed')
          ORDER BY seq DESC LIMIT 1
        ) AS last WHERE last.change = 'withheld'
      )
    ) SELECT count(*) FROM theirs WHERE NOT EXISTS (SELECT FROM mine WHERE mine.problem = theirs.problem)
    """
)
_UNMARK = sa.text("DELETE FROM analysis.new_findings WHERE analysis_id = :here")


class SqlPlacements:
    """`repositories.Placements`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def inherit(self, analysis_id: str, reference_id: str) -> None:
        with bulk.hashed(self._connection):
            for statement in _INHERITS:
                self._connection.execute(statement, {"here": analysis_id, "there": reference_id})

    def changes(self, analysis_id: str, reference_id: str | None) -> list[Changed]:
        with bulk.hashed(self._connection):
            rows = self._connection.execute(_CHANGES, {"here": analysis_id, "there": reference_id}).all()
        return [Changed(_place(row[:6]), _place(row[6:])) for row in rows]

    def known(self, project_id: str, at: Collection[At]) -> dict[At, dict[int, list[str]]]:
        wanted = sorted(set(at))
        given = {
            "project_id": project_id,
            "results": [result_id for result_id, _ in wanted],
            "paths": [path_id(path) for _, path in wanted],
        }
        found: dict[At, dict[int, list[str]]] = defaultdict(dict)
        for result_id, path, variant, ids in self._connection.execute(_KNOWN, given):
            found[result_id, path][variant] = [str(one) for one in ids]
        return found

    def used(self, analysis: Analysis, reference_id: str, ids: Collection[str]) -> set[str]:
        if not ids:
            return set()
        given = {"here": analysis.id, "there": reference_id, "project_id": analysis.project_id, "ids": sorted(ids)}
        with bulk.hashed(self._connection):
            return {str(one) for one in self._connection.execute(_USED, given).scalars().all()}

    def regular(self, analysis_id: str, paths: Collection[str]) -> set[str]:
        given = {"analysis_id": analysis_id, "paths": sorted(paths)}
        return set(self._connection.execute(_REGULAR, given).scalars()) if paths else set()

    def store(self, analysis: Analysis, placed: Mapping[Place, Sequence[str]], variants: Mapping[Place, int]) -> None:
        for rows in bulk.parts(sorted(placed.items())):
            given: dict[str, object] = {
                "org_id": self._org_id,
                "project_id": analysis.project_id,
                "result_id": [place.result_id for place, _ in rows],
                "path_id": [path_id(place.path) for place, _ in rows],
                "variant": [variants[place] for place, _ in rows],
                "path": [place.path for place, _ in rows],
                "ids": [",".join(ids) for _, ids in rows],
            }
            self._connection.execute(_STORE, given)
        self._vary(analysis.id, variants)

    def _vary(self, analysis_id: str, variants: Mapping[Place, int]) -> None:
        moved = [place for place in sorted(variants) if variants[place] != place.variant]
        if moved:
            given = {
                "analysis_id": analysis_id,
                "seqs": [place.seq for place in moved],
                "engines": [place.engine for place in moved],
                "variants": [variants[place] for place in moved],
            }
            for statement in _SETS:
                self._connection.execute(statement, given)

    def mark_new(self, analysis: Analysis, baseline_id: str | None) -> int:
        given = {
            "org_id": self._org_id,
            "here": analysis.id,
            "there": baseline_id,
            "project_id": analysis.project_id,
        }
        self._connection.execute(_UNMARK, given)
        if baseline_id is None:
            return 0
        with bulk.hashed(self._connection):
            return int(self._connection.execute(_MARK_NEW, given).scalar_one())


def _place(row: Sequence[Any]) -> Place | None:
    return Place(*row) if row[0] is not None else None
