"""An analysis' list of files, tied to the results of their contents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from functions.analysis.adapters import bulk
from functions.analysis.adapters.lifetimes import hold_results
from functions.analysis.lifecycle import Analysis, Totals
from functions.analysis.pieces import PlannedFile
from functions.analysis.results import SEVERITIES, FileRow, Summary
from functions.analysis.tables import analysis_files, file_results

_GIVEN = ("seq", "path", "mode", "sha256", "size_bytes", "language_key", "reason")
_ADD = sa.text(
    f"""
    WITH added AS (
      INSERT INTO analysis.analysis_files (org_id, analysis_id, {", ".join(_GIVEN)}, result_id)
      SELECT :org_id, :analysis_id, {", ".join(f"given.{name}" for name in _GIVEN)}, known.id
      FROM {bulk.unnest(analysis_files, _GIVEN)}
      LEFT JOIN analysis.file_results AS known ON given.reason IS NULL AND known.sha256 = given.sha256
        AND known.language_key = given.language_key AND known.engine_set = :engine_set
      RETURNING seq, result_id, reason
    ) SELECT seq FROM added WHERE result_id IS NULL AND reason IS NULL
    """
)
_SET = """
    UPDATE analysis.analysis_files AS file SET {0} = given.{0}
    FROM unnest(CAST(:seq AS integer[]), CAST(:value AS {1}[])) AS given(seq, {0})
    WHERE file.analysis_id = :analysis_id AND file.seq = given.seq
"""
_TIE, _SKIP = sa.text(_SET.format("result_id", "bigint")), sa.text(_SET.format("reason", "text"))
_CONTENTS = sa.text(
    """
    SELECT path, seq, result_id FROM analysis.analysis_files
    WHERE analysis_id = :analysis_id AND result_id IS NOT NULL AND reason IS NULL ORDER BY seq
    """
)
_SUMMARY = sa.text(
    f"""
    SELECT count(*) AS files, count(*) FILTER (WHERE known.id IS NULL OR known.status = 'skipped') AS skipped,
      coalesce(sum(lines), 0) AS lines, coalesce(sum(code_lines), 0) AS code_lines,
      coalesce(sum(functions), 0) AS functions,
      {", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in SEVERITIES)}
    FROM analysis.analysis_files AS file LEFT JOIN analysis.file_results AS known ON known.id = file.result_id
    WHERE file.analysis_id = :analysis_id
    """
)
_LANGUAGES = sa.text(
    """
    SELECT language, sum(lines) AS lines
    FROM analysis.analysis_files AS file JOIN analysis.file_results AS known ON known.id = file.result_id
    WHERE file.analysis_id = :analysis_id AND known.status <> 'skipped' GROUP BY language ORDER BY 2 DESC, 1
    """
)
_SHOWN = ("language", "lines", "code_lines", "functions", "max_cyclomatic", "max_cognitive", "maintainability")
_STATUS = sa.case((analysis_files.c.reason.is_not(None), "skipped"), else_=file_results.c.status).label("status")
_REASON = sa.func.coalesce(analysis_files.c.reason, sa.func.nullif(file_results.c.reason, "")).label("reason")


class SqlFiles:
    """`ports.Files`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def add(self, analysis: Analysis, files: Sequence[PlannedFile]) -> set[int]:
        given: dict[str, list[Any]] = {
            "seq": [item.seq for item in files],
            "path": [item.file.path for item in files],
            "mode": [item.file.mode for item in files],
            "sha256": [bytes.fromhex(item.file.sha256) for item in files],
            "size_bytes": [item.file.size_bytes for item in files],
            "language_key": [item.language_key for item in files],
            "reason": [item.reason for item in files],
        }
        keys = {"org_id": self._org_id, "analysis_id": analysis.id, "engine_set": analysis.engine_set}
        hold_results(self._connection, self._org_id)
        return set(self._connection.execute(_ADD, keys | given).scalars())

    def tie(self, analysis_id: str, results: Mapping[int, int]) -> None:
        self._set(_TIE, analysis_id, results)

    def skip(self, analysis_id: str, reasons: Mapping[int, str]) -> None:
        self._set(_SKIP, analysis_id, reasons)

    def _set(self, statement: sa.TextClause, analysis_id: str, values: Mapping[int, object]) -> None:
        if values:
            given = {"analysis_id": analysis_id, "seq": list(values), "value": list(values.values())}
            self._connection.execute(statement, given)

    def contents(self, analysis_id: str) -> dict[str, tuple[int, int]]:
        rows = self._connection.execute(_CONTENTS, {"analysis_id": analysis_id})
        return {path: (seq, result_id) for path, seq, result_id in rows}

    def page(self, analysis_id: str, *, status: str | None, after: int, limit: int) -> list[FileRow]:
        query = _files(analysis_id).where(analysis_files.c.seq > after).limit(limit)
        if status is not None:
            query = query.where(sa.literal(status) == _STATUS)
        return [FileRow(**row._mapping) for row in self._connection.execute(query)]

    def all(self, analysis_id: str) -> Iterator[FileRow]:
        for row in self._connection.execute(_files(analysis_id)):
            yield FileRow(*row)

    def summary(self, analysis_id: str) -> Summary:
        row = self._connection.execute(_SUMMARY, {"analysis_id": analysis_id}).one()._mapping
        languages = self._connection.execute(_LANGUAGES, {"analysis_id": analysis_id})
        return Summary(
            Totals(**{name: int(row[name]) for name in Totals.__slots__}),
            {name: int(row[name]) for name in SEVERITIES},
            {language: int(lines) for language, lines in languages},
        )


def _files(analysis_id: str) -> sa.Select[Any]:
    """The columns are those of `FileRow`, in its order."""
    file, known = analysis_files.c, file_results.c
    shown = [sa.func.coalesce(known[name], 0).label(name) for name in _SHOWN[1:-1]]
    notes = sa.func.coalesce(known.notes, "").label("notes")
    columns = (file.seq, file.path, file.language_key, file.result_id, known.language, _STATUS, _REASON, notes)
    return (
        sa.select(*columns, *shown, known.maintainability)
        .select_from(analysis_files.outerjoin(file_results, file_results.c.id == analysis_files.c.result_id))
        .where(file.analysis_id == analysis_id)
        .order_by(file.seq)
    )
