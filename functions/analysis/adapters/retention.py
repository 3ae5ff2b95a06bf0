"""Analyses that nothing needs any more."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from functions.analysis.lifecycle import OVER, AnalysisState
from functions.analysis.repositories.retention import DueProject
from functions.analysis.tables import retention

_DUE = sa.text(
    """
    UPDATE analysis.retention SET next_at = now() + make_interval(secs => :lease_s) WHERE (org_id, project_id) IN (
      SELECT org_id, project_id FROM analysis.retention WHERE next_at <= now()
      ORDER BY next_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ) RETURNING org_id, project_id
    """
)
_EXPIRED = sa.text(
    """
    WITH mine AS (
      SELECT *, state = ANY(:over) AND coalesce(completed_at, created_at) < now() - make_interval(days => :days) AS old
      FROM analysis.analyses WHERE project_id = :project_id
    ), newest AS (
      SELECT max(id::text) FILTER (WHERE state = :completed) AS any_line,
        max(id::text) FILTER (WHERE state = :completed AND main) AS main_line FROM mine
    ), kept AS (
      SELECT mine.* FROM mine, newest WHERE NOT old OR id::text IN (any_line, main_line)
    )
    SELECT id FROM mine WHERE old AND id NOT IN (SELECT id FROM kept)
      AND NOT EXISTS (SELECT FROM kept WHERE kept.baseline_id = mine.id
        OR kept.baseline_version_id = mine.version_id OR kept.parent_version_id = mine.version_id)
      AND NOT EXISTS (SELECT FROM analysis.tracks AS track WHERE track.project_id = :project_id
        AND (track.analysis_id = mine.id OR track.baseline_version_id = mine.version_id))
      AND NOT EXISTS (SELECT FROM analysis.graphs AS graph WHERE graph.project_id = :project_id
        AND graph.analysis_id = mine.id)
    ORDER BY id LIMIT :limit
    """
)
_FORGET = sa.text(
    """
    WITH gone AS (
      SELECT result_id FROM analysis.analysis_files WHERE analysis_id = :analysis_id AND result_id IS NOT NULL
      UNION SELECT result_id FROM analysis.analysis_extras WHERE analysis_id = :analysis_id
    )
    DELETE FROM analysis.placements AS placed USING gone
    WHERE placed.project_id = :project_id AND placed.result_id = gone.result_id
      AND NOT EXISTS (
        SELECT FROM analysis.analysis_files AS file JOIN analysis.analyses AS other ON other.id = file.analysis_id
        WHERE file.result_id = gone.result_id AND other.id <> :analysis_id AND other.project_id = :project_id
      ) AND NOT EXISTS (
        SELECT FROM analysis.analysis_extras AS extra JOIN analysis.analyses AS other ON other.id = extra.analysis_id
        WHERE extra.result_id = gone.result_id AND other.id <> :analysis_id AND other.project_id = :project_id
      )
    """
)


class SqlRetention:
    """`repositories.Retention`; the table is outside row-level security, so each statement names the organisation."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def due(self, *, lease_s: float, limit: int) -> Sequence[DueProject]:
        rows = self._connection.execute(_DUE, {"lease_s": lease_s, "limit": limit})
        return sorted((DueProject(str(org_id), str(project_id)) for org_id, project_id in rows), key=str)

    def later(self, project_id: str, *, seconds: float) -> None:
        mine = (retention.c.org_id == self._org_id) & (retention.c.project_id == project_id)
        at = sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
        self._connection.execute(sa.update(retention).where(mine).values(next_at=at))

    def expired(self, project_id: str, *, days: int, limit: int) -> list[str]:
        given = {"project_id": project_id, "days": days, "limit": limit}
        states = {"over": [state.value for state in sorted(OVER)], "completed": AnalysisState.COMPLETED.value}
        return [str(id_) for id_ in self._connection.execute(_EXPIRED, given | states).scalars()]

    def forget(self, project_id: str, analysis_id: str) -> None:
        self._connection.execute(_FORGET, {"project_id": project_id, "analysis_id": analysis_id})
