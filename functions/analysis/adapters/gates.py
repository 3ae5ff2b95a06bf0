"""Results of quality gates, and what they are decided from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.analysis.adapters import bulk
from functions.analysis.adapters.findings import SqlFindings
from functions.analysis.gates import NEVER_READ, Code, Gate, Measured
from functions.analysis.lifecycle import Analysis, AnalysisState
from functions.analysis.tables import analyses, gates, new_findings

_gate = gates.c
_CODE = sa.text(
    """
    WITH here AS (
      SELECT file.path, file.sha256, file.reason AS said, result.* FROM (
        SELECT path, sha256, reason, result_id FROM analysis.analysis_files WHERE analysis_id = CAST(:here AS uuid)
      ) AS file LEFT JOIN (
        SELECT id, status, reason, functions, complex_functions, max_cyclomatic, max_cognitive, maintainability,
          greatest(code_lines, 1) AS weight FROM analysis.file_results
      ) AS result ON result.id = file.result_id
    ), there AS (
      SELECT path, sha256 FROM analysis.analysis_files WHERE analysis_id = CAST(:there AS uuid)
    )
    SELECT there.path IS NULL AS new, count(*) AS files,
      count(*) FILTER (WHERE (here.said IS NOT NULL AND here.said <> ALL(:never))
        OR (here.said IS NULL AND here.status = 'skipped' AND here.reason <> ALL(:never))) AS skipped,
      coalesce(sum(functions), 0) AS functions, coalesce(sum(complex_functions), 0) AS complex_functions,
      coalesce(max(max_cyclomatic), 0) AS max_cyclomatic, coalesce(max(max_cognitive), 0) AS max_cognitive,
      coalesce(sum(weight) FILTER (WHERE maintainability IS NOT NULL), 0) AS weight,
      coalesce(sum(weight * maintainability::float8), 0) AS weighed
    FROM here LEFT JOIN there ON there.path = here.path AND there.sha256 = here.sha256 GROUP BY 1
    """
)


class SqlGates:
    """`repositories.Gates`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def begin(self, analysis_id: str) -> int:
        row = insert(gates).values(org_id=self._org_id, analysis_id=analysis_id).on_conflict_do_nothing()
        self._connection.execute(row)
        query = sa.select(_gate.wanted).where(_gate.analysis_id == analysis_id)
        return int(self._connection.execute(query).scalar_one())

    def measured(self, analysis: Analysis) -> Measured:
        given = {"here": analysis.id, "there": analysis.baseline_id, "never": list(NEVER_READ)}
        with bulk.hashed(self._connection):
            rows = {row.new: _code(row) for row in self._connection.execute(_CODE, given)}
        counts = SqlFindings(self._connection, self._org_id).counts(analysis)
        of_new = sa.select(sa.func.count()).where(new_findings.c.analysis_id == analysis.id)
        every = sum(counts.open.values()) + counts.dismissed
        all_new = every if analysis.baseline_id is None else self._connection.execute(of_new).scalar_one()
        return Measured(counts, all_new, rows.get(True, Code()), rows.get(False, Code()))

    def store(self, analysis_id: str, begun: int, gate: Gate, at: datetime) -> None:
        older = (_gate.analysis_id == analysis_id) & (_gate.stored <= begun)
        conditions = [dict(one) for one in gate.conditions]
        values = {"status": gate.status, "conditions": conditions, "evaluated_at": at, "stored": begun}
        self._connection.execute(sa.update(gates).where(older).values(values))

    def settled(self, analysis_id: str) -> bool:
        query = sa.select(_gate.wanted, _gate.stored, _gate.status).where(_gate.analysis_id == analysis_id)
        row = self._connection.execute(query.with_for_update()).one_or_none()
        return row is not None and row.wanted == row.stored and row.status not in (None, "unknown")

    def show(self, analysis_id: str) -> bool:
        status = sa.select(_gate.status).where(_gate.analysis_id == analysis_id).scalar_subquery()
        other = (analyses.c.id == analysis_id) & (analyses.c.state == AnalysisState.COMPLETED)
        changed = sa.update(analyses).where(other, analyses.c.gate.is_distinct_from(status))
        return self._connection.execute(changed.values(gate=status, revision=analyses.c.revision + 1)).rowcount == 1

    def want(self, project_id: str, analysis_ids: list[str]) -> None:
        named = analyses.c.id.in_(analysis_ids) | (analyses.c.state == AnalysisState.MERGING)
        concerned = (analyses.c.id == _gate.analysis_id) & (analyses.c.project_id == project_id) & named
        self._connection.execute(sa.update(gates).where(concerned).values(wanted=_gate.wanted + 1))

    def of(self, analysis_id: str) -> Gate | None:
        row = self._connection.execute(sa.select(gates).where(_gate.analysis_id == analysis_id)).one_or_none()
        if row is None or row.status is None:
            return None
        return Gate(row.status, tuple(row.conditions), row.evaluated_at)


def _code(row: sa.Row[Any]) -> Code:
    return Code(**{name: type(getattr(Code(), name))(row._mapping[name]) for name in Code.__slots__})
