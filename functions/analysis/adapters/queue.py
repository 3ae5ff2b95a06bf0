"""Analyses that are not over."""

from __future__ import annotations

import sqlalchemy as sa

from functions.analysis.adapters.analyses import analysis_of
from functions.analysis.adapters.lifetimes import shown
from functions.analysis.lifecycle import OVER, Analysis, AnalysisState
from functions.analysis.tables import (
    analyses,
    analysis_extras,
    analysis_files,
    artifacts,
    gates,
    new_findings,
    shards,
)
from kernel.errors import NotFound
from kernel.identity import Caller

MOST_SUPERSEDED = 100
_is = analyses.c
_OPEN = _is.state.in_([state.value for state in AnalysisState if state not in OVER])


class SqlQueue:
    """`ports.Queue`."""

    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection = connection
        self._shown = shown(analyses, caller)

    def lock(self, analysis_id: str) -> Analysis:
        query = sa.select(analyses).where(_is.id == analysis_id, self._shown).with_for_update(key_share=True)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("no such analysis", analysis_id=analysis_id)
        return analysis_of(row)

    def clear(self, analysis_id: str) -> None:
        for table in (analysis_extras, new_findings, analysis_files, shards, artifacts, gates):
            self._connection.execute(sa.delete(table).where(table.c.analysis_id == analysis_id))

    def waiting_on(self, analysis: Analysis) -> list[Analysis]:
        older = (_is.state == AnalysisState.QUEUED) & (_is.version_id < analysis.version_id)
        query = sa.select(analyses).where(_beside(analysis), older).order_by(_is.id).limit(MOST_SUPERSEDED)
        return [analysis_of(row) for row in self._connection.execute(query)]

    def has_newer(self, analysis: Analysis) -> bool:
        newer = sa.select(sa.exists().where(_beside(analysis), _is.version_id > analysis.version_id))
        return bool(self._connection.execute(newer).scalar())

    def count_open(self, project_id: str) -> tuple[int, int]:
        of_project = sa.func.count().filter(_is.project_id == project_id)
        row = self._connection.execute(sa.select(of_project, sa.func.count()).where(_OPEN)).one()
        return row[0], row[1]


def _beside(analysis: Analysis) -> sa.ColumnElement[bool]:
    branch = _is.branch.is_not_distinct_from(analysis.branch)
    return (_is.project_id == analysis.project_id) & branch & (_is.main == analysis.main)
