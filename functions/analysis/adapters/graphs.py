"""What is known about the project's part of the graph store: by file, the nodes and edges that were written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from functions.analysis.graph import packed, unpacked
from functions.analysis.lifecycle import Analysis
from functions.analysis.resolution.linking import Linked
from functions.analysis.resolution.names import PARSED
from functions.analysis.tables import analyses, graph_files, graphs
from kernel import tables

_PARSED = sorted(PARSED)
_AT_ONCE = 500
_FILES = sa.text(
    """
    SELECT file.path, file.result_id FROM analysis.analysis_files AS file
    JOIN analysis.file_results AS result ON result.id = file.result_id
    WHERE file.analysis_id = :analysis_id AND file.reason IS NULL AND result.language = ANY(:parsed)
      AND result.status IN ('parsed', 'partial')
    """
)
_STORE = sa.text(
    """
    INSERT INTO analysis.graph_files (org_id, project_id, path_id, path, result_id, stems, consulted, links)
    SELECT :org_id, :project_id, path_id, path, result_id, string_to_array(stems, chr(10)),
      CAST(string_to_array(consulted, ',') AS uuid[]), links
    FROM unnest(CAST(:path_id AS uuid[]), CAST(:path AS text[]), CAST(:result_id AS bigint[]), CAST(:stems AS text[]),
      CAST(:consulted AS text[]), CAST(:links AS bytea[])) AS given(path_id, path, result_id, stems, consulted, links)
    ON CONFLICT (org_id, project_id, path_id) DO UPDATE SET result_id = excluded.result_id, stems = excluded.stems,
      consulted = excluded.consulted, links = excluded.links
    """
)
_IMPORTERS = sa.text(
    """
    SELECT used, count(*) FROM analysis.graph_files AS known, unnest(known.consulted) AS used
    WHERE known.project_id = :project_id AND used = ANY(CAST(:ids AS uuid[])) GROUP BY used
    """
)
_DEPENDANTS = sa.text(
    """
    SELECT path FROM analysis.graph_files
    WHERE project_id = :project_id AND (consulted && CAST(:ids AS uuid[]) OR stems && CAST(:stems AS text[]))
    """
)
_known = graph_files.c


def path_id(path: str) -> str:
    """Paths may be longer than an index takes."""
    return str(UUID(bytes=sha256(path.encode()).digest()[:16]))


class SqlGraphs:
    """`ports.Graphs`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def begin(self, analysis: Analysis) -> bool | None:
        mine = graphs.c.project_id == analysis.project_id
        row = self._connection.execute(sa.select(graphs).where(mine).with_for_update()).one_or_none()
        if row is not None and self._newer(row.analysis_id, analysis):
            return None
        clean = row is not None and (row.clean or row.analysis_id == analysis.id)
        values = {"org_id": self._org_id, "project_id": analysis.project_id, "analysis_id": analysis.id, "clean": False}
        begun = insert(graphs).values(values)
        self._connection.execute(
            begun.on_conflict_do_update(index_elements=[graphs.c.org_id, graphs.c.project_id], set_=values)
        )
        if not clean:
            self._connection.execute(sa.delete(graph_files).where(_known.project_id == analysis.project_id))
        return clean

    def _newer(self, analysis_id: str, analysis: Analysis) -> bool:
        created = self._connection.execute(
            sa.select(analyses.c.created_at).where(analyses.c.id == analysis_id)
        ).scalar_one_or_none()
        return created is not None and analysis_id != analysis.id and created > analysis.created_at

    def files(self, analysis: Analysis) -> dict[str, int]:
        rows = self._connection.execute(_FILES, {"analysis_id": analysis.id, "parsed": _PARSED})
        return {path: result_id for path, result_id in rows}

    def written(self, project_id: str) -> dict[str, int]:
        rows = self._connection.execute(sa.select(_known.path, _known.result_id).where(_known.project_id == project_id))
        return {path: result_id for path, result_id in rows}

    def known(self, project_id: str, paths: Sequence[str]) -> dict[str, tuple[int, Linked]]:
        rows = self._connection.execute(
            sa.select(_known.path, _known.result_id, _known.links).where(
                _known.project_id == project_id, _known.path_id == _any([path_id(path) for path in paths], tables.Uuid)
            )
        )
        return {path: (result_id, unpacked(links)) for path, result_id, links in rows}

    def dependants(self, project_id: str, *, consulted: Sequence[str], stems: Sequence[str]) -> set[str]:
        given = {"project_id": project_id, "ids": [path_id(path) for path in consulted], "stems": list(stems)}
        return set(self._connection.execute(_DEPENDANTS, given).scalars())

    def store(self, project_id: str, linked: Iterable[tuple[str, int, Linked]]) -> None:
        rows = list(linked)
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            given: dict[str, list[Any]] = {
                "path_id": [path_id(path) for path, _, _ in some],
                "path": [path for path, _, _ in some],
                "result_id": [result_id for _, result_id, _ in some],
                "stems": ["\n".join(sorted(one.stems)) for _, _, one in some],
                "consulted": [",".join(map(path_id, sorted(one.consulted))) for _, _, one in some],
                "links": [packed(one) for _, _, one in some],
            }
            self._connection.execute(_STORE, {"org_id": self._org_id, "project_id": project_id, **given})

    def forget(self, project_id: str, paths: Sequence[str]) -> None:
        ids = _any([path_id(path) for path in paths], tables.Uuid)
        self._connection.execute(sa.delete(graph_files).where(_known.project_id == project_id, _known.path_id == ids))

    def end(self, analysis: Analysis) -> None:
        mine = (graphs.c.project_id == analysis.project_id) & (graphs.c.analysis_id == analysis.id)
        self._connection.execute(sa.update(graphs).where(mine).values(clean=True))

    def importers(self, project_id: str, paths: Sequence[str]) -> dict[str, int]:
        ids = {path_id(path): path for path in paths}
        rows = self._connection.execute(_IMPORTERS, {"project_id": project_id, "ids": list(ids)})
        return {ids[str(used)]: many for used, many in rows}


def _any(values: Sequence[str], kind: sa.types.TypeEngine[Any]) -> Any:
    return sa.func.any(sa.literal(list(values), ARRAY(kind)))
