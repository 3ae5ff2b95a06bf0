"""Problems as an analysis moves them: in bulk, a few statements whatever the number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.analysis.adapters import bulk
from functions.analysis.adapters.placements import PLACES
from functions.analysis.lifecycle import Analysis
from functions.analysis.repositories.tracked import Seen, Track
from functions.analysis.tables import problems, tracks
from functions.analysis.tracking.matching import Sighting
from functions.analysis.tracking.places import path_id
from functions.analysis.tracking.problems import ProblemState

_AT_ONCE = 20_000  # rows in a statement
_track = tracks.c
_CURRENT = f"""
    SELECT problem FROM ({PLACES.format("CAST(:here AS uuid)")}) AS here
    JOIN analysis.placements AS placed ON placed.project_id = :project_id AND placed.result_id = here.result_id
      AND placed.path = here.path AND placed.variant = here.variant
    CROSS JOIN LATERAL unnest(placed.problems) AS problem
"""
_MOVED = sa.text(
    f"""
    WITH current AS ({_CURRENT}),
      present AS (SELECT id FROM analysis.problems WHERE project_id = :project_id AND present)
    SELECT current.problem, present.id FROM current FULL JOIN present ON present.id = current.problem
    WHERE current.problem IS NULL OR present.id IS NULL ORDER BY 1, 2
    """
)
_WITHHELD = sa.text(
    f"""
    SELECT id, rule, path FROM analysis.problems
    WHERE project_id = :project_id AND withheld IS NOT NULL AND id NOT IN ({_CURRENT}) ORDER BY id
    """
)
_WHERE_GIVEN = """
    FROM unnest(CAST(:id AS uuid[]), CAST(:rank AS smallint[]), CAST(:path AS text[]), CAST(:path_id AS uuid[]),
      CAST(:line AS integer[]), CAST(:result_id AS bigint[]), CAST(:n AS integer[]), CAST(:digest AS text[]),
      CAST(:context AS text[]), CAST(:symbol AS text[]))
      AS given(id, rank, path, path_id, line, result_id, n, digest, context, symbol)
    WHERE problem.id = given.id
"""
_PLACED = ("rank", "path", "path_id", "line", "result_id", "n", "digest", "context", "symbol")
_MOVE = sa.text(
    f"""
    UPDATE analysis.problems AS problem SET {", ".join(f"{name} = given.{name}" for name in _PLACED)},
      last_analysis_id = :analysis_id, last_version_id = :version_id
    {_WHERE_GIVEN} AND (:leads OR (NOT problem.present AND problem.last_analysis_id <= :analysis_id))
    """
)
_BEGAN = sa.text(
    """
    UPDATE analysis.problems SET first_analysis_id = :analysis_id, first_version_id = :version_id, first_seen_at = :at
    WHERE id = ANY(CAST(:ids AS uuid[])) AND first_analysis_id > :analysis_id
    """
)
_CANDIDATES = sa.text(
    """
    SELECT id, path, rule, digest, context, symbol, line, state, present FROM analysis.problems
    WHERE project_id = :project_id AND (digest = ANY(:digests) OR path_id = ANY(CAST(:paths AS uuid[]))) ORDER BY id
    """
)
_EXISTING = sa.text("SELECT id FROM analysis.problems WHERE id = ANY(CAST(:ids AS uuid[]))")
_DISMISSED = sa.text(
    "SELECT id FROM analysis.problems WHERE project_id = :project_id AND state = 'dismissed'"
    " AND (expires_at IS NULL OR expires_at > now())"
)
_EXPIRE = sa.text(
    """
    UPDATE analysis.problems SET reason = NULL, comment = NULL, dismissed_by = NULL, dismissed_at = NULL,
      expires_at = NULL, state = CASE WHEN landed AND NOT present AND withheld IS NULL THEN 'fixed' ELSE 'open' END
    WHERE project_id = :project_id AND state = 'dismissed' AND expires_at <= now() RETURNING id
    """
)
_BACK = sa.text(
    """
    UPDATE analysis.problems SET state = 'open', reopened = reopened + 1
    WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'fixed' RETURNING id
    """
)
_COME = sa.text(
    "UPDATE analysis.problems SET present = true, landed = true, withheld = NULL WHERE id = ANY(CAST(:ids AS uuid[]))"
)
_GO = sa.text(
    """
    UPDATE analysis.problems SET present = false, withheld = NULL,
      last_analysis_id = coalesce(CAST(:analysis_id AS uuid), last_analysis_id),
      last_version_id = coalesce(CAST(:version_id AS uuid), last_version_id)
    WHERE id = ANY(CAST(:ids AS uuid[]))
    """
)
_FIX = sa.text(
    "UPDATE analysis.problems SET state = 'fixed' WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'open' RETURNING id"
)
_WITHHOLD = sa.text(
    "UPDATE analysis.problems SET present = false, withheld = :reason WHERE id = ANY(CAST(:ids AS uuid[]))"
)
_RULES = sa.text("SELECT id, rule, path FROM analysis.problems WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id")
_UNREAD = sa.text(
    """
    SELECT file.path, coalesce(file.reason, result.reason) FROM analysis.analysis_files AS file
    LEFT JOIN analysis.file_results AS result ON result.id = file.result_id
    WHERE file.analysis_id = :analysis_id AND file.path = ANY(:paths)
      AND coalesce(file.reason, result.reason, '') <> ''
    """
)


class SqlTracking:
    """`repositories.Tracking`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def lock(self, project_id: str) -> Track:
        first = insert(tracks).values(org_id=self._org_id, project_id=project_id).on_conflict_do_nothing()
        self._connection.execute(first)
        columns = (_track.analysis_id, _track.version_id, _track.baseline_version_id, _track.baseline_set_at)
        query = sa.select(*columns).where(_track.project_id == project_id).with_for_update()
        return Track(*self._connection.execute(query).one())

    def lead(self, analysis: Analysis) -> None:
        row = sa.update(tracks).where(_track.project_id == analysis.project_id)
        self._connection.execute(row.values(analysis_id=analysis.id, version_id=analysis.version_id))

    def set_baseline(self, project_id: str, version_id: str | None, at: datetime) -> None:
        row = sa.update(tracks).where(_track.project_id == project_id)
        self._connection.execute(row.values(baseline_version_id=version_id, baseline_set_at=at))

    def any(self, project_id: str) -> bool:
        query = sa.select(problems.c.id).where(problems.c.project_id == project_id).limit(1)
        return self._connection.execute(query).first() is not None

    def dismissed(self, project_id: str) -> set[str]:
        return self._ids(_DISMISSED, project_id=project_id)

    def candidates(self, project_id: str, digests: Collection[str], paths: Collection[str]) -> list[Sighting]:
        given = {"project_id": project_id, "digests": sorted(digests), "paths": sorted(map(path_id, paths))}
        return [
            Sighting(
                key=str(row.id),
                path=row.path,
                rule=row.rule,
                digest=row.digest,
                context=row.context,
                symbol=row.symbol,
                line=row.line,
                dismissed=row.state == ProblemState.DISMISSED,
                rank=0 if row.state == ProblemState.DISMISSED else 1 if row.present else 2,
            )
            for row in self._connection.execute(_CANDIDATES, given)
        ]

    def existing(self, ids: Collection[str]) -> set[str]:
        return self._ids(_EXISTING, ids=sorted(ids))

    def add(self, analysis: Analysis, seen: Sequence[Seen], *, state: ProblemState, present: bool) -> None:
        for start in range(0, len(seen), _AT_ONCE):
            part = seen[start : start + _AT_ONCE]
            same = {
                "org_id": self._org_id,
                "project_id": analysis.project_id,
                "state": state.value,
                "present": present,
                "landed": analysis.main,
                "first_analysis_id": analysis.id,
                "first_version_id": analysis.version_id,
                "first_seen_at": analysis.created_at,
                "last_analysis_id": analysis.id,
                "last_version_id": analysis.version_id,
            }
            rules = {"rule": [one.found.rule for one in part]}
            columns = _columns(part) | rules | {name: [value] * len(part) for name, value in same.items()}
            bulk.insert(self._connection, problems, columns)

    def move(self, analysis: Analysis, seen: Sequence[Seen], *, leads: bool) -> None:
        by = {"analysis_id": analysis.id, "version_id": analysis.version_id}
        for start in range(0, len(seen), _AT_ONCE):
            part = seen[start : start + _AT_ONCE]
            self._connection.execute(_MOVE, _columns(part) | by | {"leads": leads})
            ids = [one.id for one in part]
            self._connection.execute(_BEGAN, by | {"ids": ids, "at": analysis.created_at})

    def moved(self, analysis: Analysis) -> tuple[list[str], list[str]]:
        with bulk.hashed(self._connection):
            rows = self._connection.execute(_MOVED, {"here": analysis.id, "project_id": analysis.project_id}).all()
        return [str(here) for here, _ in rows if here], [str(was) for here, was in rows if not here]

    def come(self, ids: Sequence[str]) -> list[str]:
        back = sorted(self._ids(_BACK, ids=list(ids)))
        self._connection.execute(_COME, {"ids": list(ids)})
        return back

    def go(self, track: Track, ids: Sequence[str]) -> list[str]:
        where = {"analysis_id": track.analysis_id, "version_id": track.version_id}
        self._connection.execute(_GO, where | {"ids": list(ids)})
        return sorted(self._ids(_FIX, ids=list(ids)))

    def withhold(self, ids: Sequence[str], reason: str) -> None:
        self._connection.execute(_WITHHOLD, {"ids": list(ids), "reason": reason})

    def withheld(self, analysis: Analysis) -> list[tuple[str, str, str]]:
        with bulk.hashed(self._connection):
            rows = self._connection.execute(_WITHHELD, {"here": analysis.id, "project_id": analysis.project_id}).all()
        return [(str(row.id), row.rule, row.path) for row in rows]

    def rules_and_paths(self, ids: Sequence[str]) -> list[tuple[str, str, str]]:
        rows = self._connection.execute(_RULES, {"ids": list(ids)})
        return [(str(row.id), row.rule, row.path) for row in rows]

    def unread(self, analysis_id: str, paths: Collection[str]) -> dict[str, str]:
        rows = self._connection.execute(_UNREAD, {"analysis_id": analysis_id, "paths": sorted(paths)})
        return {path: reason for path, reason in rows}

    def expire(self, project_id: str) -> list[str]:
        return sorted(self._ids(_EXPIRE, project_id=project_id))

    def _ids(self, statement: sa.TextClause, **given: object) -> set[str]:
        return {str(one) for one in self._connection.execute(statement, given).scalars()}


def _columns(seen: Sequence[Seen]) -> dict[str, list[Any]]:
    return {
        "id": [one.id for one in seen],
        "rank": [one.found.rank for one in seen],
        "path": [one.place.path for one in seen],
        "path_id": [path_id(one.place.path) for one in seen],
        "line": [one.found.line for one in seen],
        "result_id": [one.place.result_id for one in seen],
        "n": [one.found.n for one in seen],
        "digest": [one.found.fingerprint.partition(":")[0] for one in seen],
        "context": [one.found.context for one in seen],
        "symbol": [one.found.symbol for one in seen],
    }
