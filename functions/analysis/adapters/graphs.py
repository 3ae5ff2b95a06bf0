"""What is known about the project's part of the graph store: by line and file, the nodes and edges that were written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from functions.analysis.adapters import graph_statements as said
from functions.analysis.graph import MAIN, Part, Size
from functions.analysis.lifecycle import Analysis
from functions.analysis.packing import packed, unpacked
from functions.analysis.repositories.graphs import ImportGraph, Line, OwnersFile
from functions.analysis.resolution.names import PARSED
from functions.analysis.tables import analyses, analysis_files, contract_reports, graph_files, graphs
from kernel import tables

_PARSED = sorted(PARSED)
_AT_ONCE = 500
_known = graph_files.c
_LINE = (graphs.c.analysis_id, graphs.c.version_id, graphs.c.clean, graphs.c.based, graphs.c.counts)


def path_id(path: str) -> str:
    """Paths may be longer than an index takes."""
    return str(UUID(bytes=sha256(path.encode()).digest()[:16]))


class SqlGraphs:
    """`repositories.Graphs`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def begin(self, analysis: Analysis, line: str) -> bool | None:
        mine = _of(analysis.project_id, line)
        row = self._connection.execute(sa.select(graphs).where(mine).with_for_update()).one_or_none()
        if row is not None and self._newer(row.analysis_id, analysis):
            return None
        clean = row is not None and (row.clean or (row.wiped and row.analysis_id == analysis.id))
        keys = {"org_id": self._org_id, "project_id": analysis.project_id, "line": line}
        values: dict[str, Any] = {"analysis_id": analysis.id, "version_id": analysis.version_id}
        values |= {"clean": False, "wiped": clean}
        begun = insert(graphs).values({**keys, **values, "based": False})
        self._connection.execute(begun.on_conflict_do_update(index_elements=list(keys), set_=values))
        if not clean:
            self.renew(analysis.project_id, line)
        return clean

    def wiped(self, analysis: Analysis, line: str) -> None:
        mine = _of(analysis.project_id, line) & (graphs.c.analysis_id == analysis.id)
        self._connection.execute(sa.update(graphs).where(mine).values(wiped=True))

    def doubt(self, project_id: str, line: str) -> None:
        self._connection.execute(sa.update(graphs).where(_of(project_id, line)).values(clean=False, wiped=False))

    def _newer(self, analysis_id: str, analysis: Analysis) -> bool:
        created = self._connection.execute(
            sa.select(analyses.c.created_at).where(analyses.c.id == analysis_id)
        ).scalar_one_or_none()
        return created is not None and analysis_id != analysis.id and created > analysis.created_at

    def line(self, project_id: str, line: str) -> Line | None:
        found = self._lines(_of(project_id, line))
        return found[0] if found else None

    def branches(self, project_id: str) -> list[Line]:
        return self._lines((graphs.c.project_id == project_id) & (graphs.c.line != MAIN))

    def _lines(self, wanted: sa.ColumnElement[bool]) -> list[Line]:
        query = sa.select(graphs.c.line, *_LINE, graphs.c.owners_sha256).where(wanted)
        return [Line(*row) for row in self._connection.execute(query.order_by(graphs.c.analysis_id.desc()))]

    def drop(self, project_id: str, line: str) -> None:
        self._connection.execute(sa.delete(graphs).where(_of(project_id, line)))

    def files(self, analysis: Analysis) -> dict[str, int]:
        rows = self._connection.execute(said.FILES, {"analysis_id": analysis.id, "parsed": _PARSED})
        return {path: result_id for path, result_id in rows}

    def written(self, project_id: str) -> dict[str, int]:
        rows = self._connection.execute(sa.select(_known.path, _known.result_id).where(_files_of(project_id, MAIN)))
        return {path: result_id for path, result_id in rows}

    def known(self, project_id: str, paths: Sequence[str]) -> dict[str, Part]:
        wanted = _known.path_id == _any([path_id(path) for path in paths], tables.Uuid)
        query = sa.select(_known.path, _known.links).where(_files_of(project_id, MAIN), wanted)
        return {path: unpacked(links) for path, links in self._connection.execute(query)}

    def dependants(self, project_id: str, *, consulted: Sequence[str], stems: Sequence[str]) -> set[str]:
        given = {"project_id": project_id, "ids": [path_id(path) for path in consulted], "stems": list(stems)}
        return set(self._connection.execute(said.DEPENDANTS, given | {"main": MAIN}).scalars())

    def store(self, project_id: str, line: str, parts: Iterable[tuple[str, int, Part]]) -> None:
        rows = list(parts)
        keys = {"org_id": self._org_id, "project_id": project_id, "line": line}
        for start in range(0, len(rows), _AT_ONCE):
            self._connection.execute(said.STORE, keys | _columns(rows[start : start + _AT_ONCE]))

    def restate(self, project_id: str, parts: Mapping[str, Part]) -> None:
        rows = sorted(parts.items())
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            given: dict[str, list[Any]] = {
                "path_id": [path_id(path) for path, _ in some],
                "counts": [",".join(map(str, part.counts)) for _, part in some],
                "links": [packed(part) for _, part in some],
            }
            self._connection.execute(said.RESTATE, {"project_id": project_id, "main": MAIN, **given})

    def renew(self, project_id: str, line: str) -> None:
        self._connection.execute(sa.delete(graph_files).where(_files_of(project_id, line)))

    def hide(self, project_id: str, line: str, paths: Sequence[str]) -> None:
        self._copy(said.HIDE, project_id, line, paths)

    def preserve(self, project_id: str, line: str, paths: Sequence[str]) -> None:
        self._copy(said.PRESERVE, project_id, line, paths)
        self.hide(project_id, line, paths)

    def _copy(self, statement: sa.TextClause, project_id: str, line: str, paths: Sequence[str]) -> None:
        ids = [path_id(path) for path in paths]
        keys = {"org_id": self._org_id, "project_id": project_id, "line": line, "main": MAIN}
        self._connection.execute(statement, keys | {"path_id": ids, "path": list(paths)})

    def forget(self, project_id: str, paths: Sequence[str]) -> None:
        ids = _any([path_id(path) for path in paths], tables.Uuid)
        self._connection.execute(sa.delete(graph_files).where(_files_of(project_id, MAIN), _known.path_id == ids))

    def end(
        self, analysis: Analysis, line: str, *, modules: int, based: bool = False, owners: OwnersFile | None = None
    ) -> None:
        given = {"project_id": analysis.project_id, "line": line, "main": MAIN, "based": based}
        counted = self._connection.execute(said.COUNTS, given).one()._mapping
        counts = Size.of({**counted, "modules": modules})._asdict()
        values: dict[str, Any] = {"clean": True, "based": based, "counts": counts}
        values |= {
            "owners_path": owners and owners.path,
            "owners": owners and owners.text,
            "owners_sha256": owners and owners.sha256,
        }
        mine = _of(analysis.project_id, line) & (graphs.c.analysis_id == analysis.id)
        self._connection.execute(sa.update(graphs).where(mine).values(values))

    def hidden(self, project_id: str, line: str) -> list[str]:
        query = sa.select(_known.path).where(_files_of(project_id, line)).order_by(_known.path)
        return list(self._connection.execute(query).scalars())

    def owners(self, project_id: str, line: str) -> OwnersFile | None:
        columns = (graphs.c.owners_path, graphs.c.owners, graphs.c.owners_sha256)
        row = self._connection.execute(sa.select(*columns).where(_of(project_id, line))).one_or_none()
        return OwnersFile(*row) if row is not None and row.owners is not None else None

    def owners_at(self, analysis: Analysis, paths: Sequence[str]) -> dict[str, bytes]:
        file = analysis_files.c
        wanted = (file.analysis_id == analysis.id) & file.path.in_(paths) & file.reason.is_(None)
        rows = self._connection.execute(sa.select(file.path, file.sha256).where(wanted))
        return {path: bytes(hashed) for path, hashed in rows}

    def imports(self, project_id: str, line: str, *, based: bool) -> ImportGraph:
        given = {"project_id": project_id, "line": line, "main": MAIN, "based": based}
        rows = self._connection.execute(said.IMPORTS, given).all()
        paths = {str(row.path_id): row.path for row in rows}
        used = ((row.path, paths.get(str(one))) for row in rows for one in row.imports)
        edges = sorted((path, target) for path, target in used if target is not None)
        externals = {row.path: row.externals for row in rows if row.externals}
        return ImportGraph(edges, externals, sorted(paths.values()))

    def importers(self, project_id: str, paths: Sequence[str]) -> dict[str, int]:
        ids = {path_id(path): path for path in paths}
        given = {"project_id": project_id, "ids": list(ids), "main": MAIN}
        return {ids[str(used)]: many for used, many in self._connection.execute(said.IMPORTERS, given)}

    def report(self, analysis_id: str) -> Mapping[str, Any] | None:
        query = sa.select(contract_reports.c.report).where(contract_reports.c.analysis_id == analysis_id)
        found: Mapping[str, Any] | None = self._connection.execute(query).scalar_one_or_none()
        return found

    def keep_report(self, analysis_id: str, report: Mapping[str, Any]) -> None:
        values = {"org_id": self._org_id, "analysis_id": analysis_id, "report": dict(report)}
        kept = insert(contract_reports).values(values)
        again = kept.on_conflict_do_update(index_elements=["org_id", "analysis_id"], set_={"report": dict(report)})
        self._connection.execute(again)


def _columns(rows: Sequence[tuple[str, int, Part]]) -> dict[str, list[Any]]:
    """One array a column; lists within are joined, since rows of an array must have one length."""
    return {
        "path_id": [path_id(path) for path, _, _ in rows],
        "path": [path for path, _, _ in rows],
        "result_id": [result_id for _, result_id, _ in rows],
        "stems": ["\n".join(sorted(part.linked.stems)) for _, _, part in rows],
        "consulted": [",".join(map(path_id, sorted(part.linked.consulted))) for _, _, part in rows],
        "imports": [",".join(map(path_id, part.linked.imports)) for _, _, part in rows],
        "externals": ["\n".join(part.externals) for _, _, part in rows],
        "counts": [",".join(map(str, part.counts)) for _, _, part in rows],
        "links": [packed(part) for _, _, part in rows],
    }


def _of(project_id: str, line: str) -> sa.ColumnElement[bool]:
    return (graphs.c.project_id == project_id) & (graphs.c.line == line)


def _files_of(project_id: str, line: str) -> sa.ColumnElement[bool]:
    return (_known.project_id == project_id) & (_known.line == line)


def _any(values: Sequence[str], kind: sa.types.TypeEngine[Any]) -> Any:
    return sa.func.any(sa.literal(list(values), ARRAY(kind)))
