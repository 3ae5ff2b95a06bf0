"""Analyses and their artifacts; row-level security keeps them to the caller's organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.analysis.adapters.lifetimes import shown
from functions.analysis.lifecycle import Analysis, AnalysisState, Artifact, GraphState, Progress, Totals, none_found
from functions.analysis.tables import analyses, artifacts, retention
from kernel.errors import NotFound, Stale
from kernel.identity import Caller

_RECENT = 20
_PROGRESS = Progress.__slots__
_PLAIN = tuple(name for name in Analysis.__slots__ if name not in ("progress", "totals"))


class SqlAnalyses:
    """`ports.Analyses`."""

    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection = connection
        self._shown = shown(analyses, caller)

    def get(self, analysis_id: str) -> Analysis:
        return self._get(sa.select(analyses).where(analyses.c.id == analysis_id), analysis_id)

    def lock(self, analysis_id: str) -> Analysis:
        return self._get(sa.select(analyses).where(analyses.c.id == analysis_id).with_for_update(), analysis_id)

    def _get(self, query: sa.Select[Any], analysis_id: str) -> Analysis:
        row = self._connection.execute(query.where(self._shown)).one_or_none()
        if row is None:
            raise NotFound("no such analysis", analysis_id=analysis_id)
        return analysis_of(row)

    def page(self, *, project_id: str | None, version_id: str | None, before: str | None, limit: int) -> list[Analysis]:
        query = sa.select(analyses).where(self._shown).order_by(analyses.c.id.desc()).limit(limit)
        if project_id is not None:
            query = query.where(analyses.c.project_id == project_id)
        if version_id is not None:
            query = query.where(analyses.c.version_id == version_id)
        if before is not None:
            query = query.where(analyses.c.id < before)
        return [analysis_of(row) for row in self._connection.execute(query)]

    def add(self, analysis: Analysis) -> bool:
        row = (
            insert(analyses).values(_row(analysis)).on_conflict_do_nothing(constraint="analyses_org_id_version_id_key")
        )
        if self._connection.execute(row.returning(analyses.c.id)).first() is None:
            return False
        due = {"org_id": analysis.org_id, "project_id": analysis.project_id}
        self._connection.execute(insert(retention).values(due).on_conflict_do_nothing())
        return True

    def save(self, analysis: Analysis) -> None:
        before = (analyses.c.id == analysis.id) & (analyses.c.revision == analysis.revision - 1)
        changed = self._connection.execute(sa.update(analyses).where(before).values(_row(analysis)))
        if changed.rowcount != 1:
            raise Stale("the analysis has changed", analysis_id=analysis.id)

    def count_shard(self, analysis_id: str, *, files: int) -> Analysis:
        done = analyses.c.shards_done + 1
        last = sa.case(
            (done >= analyses.c.shards_total, AnalysisState.MERGING.value), else_=AnalysisState.RUNNING.value
        )
        changed = (
            sa.update(analyses)
            .where(analyses.c.id == analysis_id, analyses.c.state.in_((AnalysisState.QUEUED, AnalysisState.RUNNING)))
            .values(
                files_done=analyses.c.files_done + files,
                shards_done=done,
                state=last,
                revision=analyses.c.revision + 1,
            )
        )
        row = self._connection.execute(changed.returning(*analyses.c)).one_or_none()
        return analysis_of(row) if row is not None else self.get(analysis_id)

    def start(self, analysis_id: str) -> None:
        queued = (analyses.c.id == analysis_id) & (analyses.c.state == AnalysisState.QUEUED)
        values = {"state": AnalysisState.RUNNING.value, "revision": analyses.c.revision + 1}
        self._connection.execute(sa.update(analyses).where(queued).values(values))

    def baseline_of(self, analysis: Analysis) -> str | None:
        named = self.completed_of(analysis.baseline_version_id) or self.completed_of(analysis.parent_version_id)
        return named or self.newest_main(analysis.project_id, before=analysis.id)

    def completed_of(self, version_id: str | None) -> str | None:
        if version_id is None:
            return None
        found = sa.select(analyses.c.id).where(analyses.c.version_id == version_id)
        return self._connection.execute(found.where(analyses.c.state == AnalysisState.COMPLETED)).scalar()

    def newest_main(self, project_id: str, *, before: str | None = None, until: datetime | None = None) -> str | None:
        found = _newest(project_id).where(analyses.c.main).limit(1)
        if before is not None:
            found = found.where(analyses.c.id < before)
        if until is not None:
            found = found.where(analyses.c.created_at <= until)
        return self._connection.execute(found).scalar()

    def newest_on(self, project_id: str, branch: str, *, before: str) -> str | None:
        found = _newest(project_id).where(analyses.c.branch == branch, analyses.c.id < before)
        return self._connection.execute(found.limit(1)).scalar()

    def newest_of_lines(self, project_id: str) -> list[str]:
        found = _newest(project_id).add_columns(analyses.c.main, analyses.c.branch).limit(_RECENT)
        newest: dict[tuple[bool, str | None], str] = {}
        for id_, main, branch in self._connection.execute(found):
            newest.setdefault((main, None if main else branch), id_)
        return sorted(newest.values())


def _newest(project_id: str) -> sa.Select[Any]:
    completed = (analyses.c.project_id == project_id) & (analyses.c.state == AnalysisState.COMPLETED)
    return sa.select(analyses.c.id).where(completed).order_by(analyses.c.id.desc())


def analysis_of(row: sa.Row[Any]) -> Analysis:
    fields = dict(row._mapping)
    return Analysis(
        **{name: fields[name] for name in _PLAIN}
        | {
            "state": AnalysisState(fields["state"]),
            "graph": GraphState(fields["graph"]),
            "progress": Progress(**{name: fields[name] for name in _PROGRESS}),
            "totals": Totals(**fields["totals"]),
            "findings_by_severity": none_found() | fields["findings_by_severity"],
            "new_by_severity": none_found() | fields["new_by_severity"],
        }
    )


def _row(analysis: Analysis) -> dict[str, Any]:
    return {
        **{name: getattr(analysis, name) for name in _PLAIN},
        **asdict(analysis.progress),
        "totals": asdict(analysis.totals),
        "findings_by_severity": dict(analysis.findings_by_severity),
        "languages": dict(analysis.languages),
        "measures": dict(analysis.measures),
        "new_by_severity": dict(analysis.new_by_severity),
    }


class SqlArtifacts:
    """`ports.Artifacts`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def replace(self, analysis_id: str, made: Sequence[Artifact]) -> None:
        self._connection.execute(sa.delete(artifacts).where(artifacts.c.analysis_id == analysis_id))
        rows = [{"org_id": self._org_id, "analysis_id": analysis_id, **asdict(artifact)} for artifact in made]
        self._connection.execute(sa.insert(artifacts), rows)

    def of(self, analysis_id: str) -> list[Artifact]:
        query = sa.select(artifacts).where(artifacts.c.analysis_id == analysis_id).order_by(artifacts.c.name)
        rows = self._connection.execute(query)
        return [Artifact(row.name, row.key, row.content_type, row.size_bytes) for row in rows]
