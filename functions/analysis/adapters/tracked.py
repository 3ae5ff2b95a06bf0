"""Problems as an analysis moves them: in bulk, a few statements whatever the number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from functions.analysis.adapters import bulk
from functions.analysis.adapters import tracked_statements as said
from functions.analysis.lifecycle import Analysis
from functions.analysis.repositories.tracked import Seen, Track
from functions.analysis.tables import problems, tracks
from functions.analysis.tracking.matching import Sighting
from functions.analysis.tracking.places import path_id
from functions.analysis.tracking.problems import ProblemState

_track = tracks.c


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
        return self._ids(said.DISMISSED, project_id=project_id)

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
            for row in self._connection.execute(said.CANDIDATES, given)
        ]

    def existing(self, ids: Collection[str]) -> set[str]:
        return self._ids(said.EXISTING, ids=sorted(ids))

    def add(self, analysis: Analysis, seen: Sequence[Seen], *, state: ProblemState, present: bool) -> None:
        for part in bulk.parts(seen):
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
        for part in bulk.parts(seen):
            self._connection.execute(said.MOVE, _columns(part) | by | {"leads": leads})
            ids = [one.id for one in part]
            self._connection.execute(said.BEGAN, by | {"ids": ids, "at": analysis.created_at})

    def moved(self, analysis: Analysis) -> tuple[list[str], list[str]]:
        with bulk.hashed(self._connection):
            rows = self._connection.execute(said.MOVED, {"here": analysis.id, "project_id": analysis.project_id}).all()
        return [str(here) for here, _ in rows if here], [str(was) for here, was in rows if not here]

    def come(self, ids: Sequence[str]) -> list[str]:
        back = self._told(said.BACK, ids)
        self._change(said.COME, ids)
        return back

    def go(self, track: Track, ids: Sequence[str]) -> list[str]:
        where = {"analysis_id": track.analysis_id, "version_id": track.version_id}
        self._change(said.GO, ids, **where)
        return self._told(said.FIX, ids)

    def withhold(self, ids: Sequence[str], reason: str) -> None:
        self._change(said.WITHHOLD, ids, reason=reason)

    def withheld(self, analysis: Analysis) -> list[tuple[str, str, str]]:
        with bulk.hashed(self._connection):
            rows = self._connection.execute(
                said.WITHHELD, {"here": analysis.id, "project_id": analysis.project_id}
            ).all()
        return [(str(row.id), row.rule, row.path) for row in rows]

    def rules_and_paths(self, ids: Sequence[str]) -> list[tuple[str, str, str]]:
        rows = self._connection.execute(said.RULES, {"ids": list(ids)})
        return [(str(row.id), row.rule, row.path) for row in rows]

    def unread(self, analysis_id: str, paths: Collection[str]) -> dict[str, str]:
        rows = self._connection.execute(said.UNREAD, {"analysis_id": analysis_id, "paths": sorted(paths)})
        return {path: reason for path, reason in rows}

    def expire(self, project_id: str) -> list[str]:
        return sorted(self._ids(said.EXPIRE, project_id=project_id))

    def _told(self, statement: sa.TextClause, ids: Sequence[str]) -> list[str]:
        return sorted(id_ for part in bulk.parts(ids) for id_ in self._ids(statement, ids=list(part)))

    def _change(self, statement: sa.TextClause, ids: Sequence[str], **given: object) -> None:
        for part in bulk.parts(ids):
            self._connection.execute(statement, given | {"ids": list(part)})

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
