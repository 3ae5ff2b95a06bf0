"""The graph store over Bolt: Neo4j, or the embedded database that speaks its language.

Keys hold organisation, project and path, so that a unique constraint is the only index that is needed; every
statement names organisation and project beside. Batches of a thousand or two are the quickest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

from functions.analysis.adapters.deadlines import Result, within
from functions.analysis.graph import Dependant, Difference, Edge, Impact, Size, SymbolNode, ranked
from kernel.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from neo4j import Driver

Row = dict[str, object]
DATABASE = "neo4j"
_BATCH = 1_500
_WIPED = 5_000
_SHOWN = 100  # dependants in an answer
_VISITED = 2_000  # files looked at for an answer
_CONSTRAINTS = (
    "CREATE CONSTRAINT file_key IF NOT EXISTS FOR (f:File) REQUIRE f.key IS UNIQUE",
    "CREATE CONSTRAINT symbol_key IF NOT EXISTS FOR (s:Symbol) REQUIRE s.key IS UNIQUE",
)
_WIPE = "MATCH (n:{} {{org: $org, project: $project}}) WITH n LIMIT {} DETACH DELETE n RETURN count(*) AS n"
_FILES_GONE = "UNWIND $rows AS row MATCH (f:File {key: row.key}) DETACH DELETE f"
_SYMBOLS_GONE = "UNWIND $rows AS row MATCH (s:Symbol {key: row.key}) DETACH DELETE s"
_IMPORTS_GONE = "UNWIND $rows AS row MATCH (:File {key: row.a})-[r:IMPORTS]->(:File {key: row.b}) DELETE r"
_CALLS_GONE = "UNWIND $rows AS row MATCH (:%s {key: row.a})-[r:CALLS]->(:Symbol {key: row.b}) DELETE r"
_FILES = "UNWIND $rows AS row MERGE (f:File {key: row.key}) SET f += row.props"
_SYMBOLS_CHANGED = "UNWIND $rows AS row MATCH (s:Symbol {key: row.key}) SET s += row.props"
_SYMBOLS = """
UNWIND $rows AS row MATCH (f:File {key: row.file}) MERGE (s:Symbol {key: row.key}) SET s += row.props
MERGE (f)-[:DEFINES]->(s)
"""
_SYMBOLS_FRESH = """
UNWIND $rows AS row MATCH (f:File {key: row.file}) CREATE (s:Symbol) SET s = row.props, s.key = row.key
CREATE (f)-[:DEFINES]->(s)
"""
_IMPORTS = "UNWIND $rows AS row MATCH (a:File {key: row.a}) MATCH (b:File {key: row.b}) MERGE (a)-[:IMPORTS]->(b)"
_CALLS = """
UNWIND $rows AS row MATCH (a:%s {key: row.a}) MATCH (b:Symbol {key: row.b})
MERGE (a)-[r:CALLS]->(b) SET r.times = row.times
"""
_CALLS_FRESH = """
UNWIND $rows AS row MATCH (a:%s {key: row.a}) MATCH (b:Symbol {key: row.b}) CREATE (a)-[:CALLS {times: row.times}]->(b)
"""
_COUNTS = {
    "files": "MATCH (f:File {org: $org, project: $project}) RETURN count(f) AS n",
    "symbols": "MATCH (s:Symbol {org: $org, project: $project}) RETURN count(s) AS n",
    "imports": "MATCH (f:File {org: $org, project: $project})-[r:IMPORTS]->(:File) RETURN count(r) AS n",
    "calls": "MATCH (s:Symbol {org: $org, project: $project})<-[r:CALLS]-() RETURN count(r) AS n",
}
_FIND = "MATCH (f:File {key: $key}) WHERE f.org = $org AND f.project = $project RETURN f.path AS path"
_USERS = """
UNWIND $keys AS key MATCH (:File {key: key})<-[:IMPORTS]-(f:File)
WHERE f.org = $org AND f.project = $project
RETURN DISTINCT f.path AS path, COUNT { (f)<-[:IMPORTS]-() } AS dependants ORDER BY path LIMIT $limit
"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long the store may take, in seconds, before it counts as unavailable; the driver itself waits for ever."""

    ready: float = 5.0
    answer: float = 4.5  # to a request of a user
    statement: float = 20.0  # well below a lease, which is renewed between statements
    change: float = 300.0  # all statements of a wipe or a write


class Neo4jGraph:
    """`ports.GraphStore`; connects on first use.

    `forget` lets the next `driver` be a new one: that of a store that did not answer in time is given up.
    """

    def __init__(self, driver: Callable[[], Driver], forget: Callable[[], None], bounds: Bounds | None = None) -> None:
        self._driver, self._forget, self._bounds = driver, forget, bounds or Bounds()
        self._prepared = False

    def ready(self) -> None:
        self._within(self._bounds.ready, self._prepare)

    def wipe(self, org_id: str, project_id: str) -> None:
        until = time.monotonic() + self._bounds.change
        for label in ("Symbol", "File"):
            while self._change(until, _WIPE.format(label, _WIPED), org=org_id, project=project_id)[0]["n"]:
                pass

    def write(self, org_id: str, project_id: str, difference: Difference, hold: Callable[[], None]) -> None:
        until = time.monotonic() + self._bounds.change
        for statement, rows in _steps(_Keys(org_id, project_id), difference):
            for start in range(0, len(rows), _BATCH):
                self._change(until, statement, rows=rows[start : start + _BATCH])
                hold()

    def size(self, org_id: str, project_id: str) -> Size:
        return self._within(self._bounds.answer, partial(self._size, org_id, project_id))

    def impact(self, org_id: str, project_id: str, path: str, *, depth: int) -> Impact:
        return self._within(self._bounds.answer, partial(self._impact, org_id, project_id, path, depth))

    def _prepare(self) -> None:
        self._reach()
        for statement in () if self._prepared else _CONSTRAINTS:
            self._run(statement)
        self._prepared = True

    def _size(self, org_id: str, project_id: str) -> Size:
        self._reach()
        counts = {
            name: self._run(statement, org=org_id, project=project_id)[0]["n"] for name, statement in _COUNTS.items()
        }
        return Size(**counts)

    def _impact(self, org_id: str, project_id: str, path: str, depth: int) -> Impact:
        self._reach()
        key = _Keys(org_id, project_id)
        given = {"org": org_id, "project": project_id}
        if not self._run(_FIND, key=key.file(path), **given):
            raise NotFound("the graph has no such file", path=path)
        found: dict[str, Dependant] = {}
        edge = [path]
        for distance in range(1, depth + 1):
            rows = self._run(_USERS, keys=[key.file(one) for one in edge], limit=_VISITED, **given) if edge else []
            fresh = {row["path"]: row["dependants"] for row in rows if row["path"] not in found and row["path"] != path}
            found |= {one: Dependant(one, distance, many) for one, many in fresh.items()}
            edge = list(fresh)
            if len(found) >= _VISITED:
                break
        return Impact(ranked(found.values())[:_SHOWN], len(found) > _SHOWN)

    def _reach(self) -> None:
        """Fail at once if nobody answers, where a query would try again for seconds."""
        self._driver().verify_connectivity()

    def _change(self, until: float, statement: str, **parameters: Any) -> list[Any]:
        seconds = min(self._bounds.statement, until - time.monotonic())
        return self._within(seconds, partial(self._run, statement, **parameters))

    def _run(self, statement: str, **parameters: Any) -> list[Any]:
        return self._driver().execute_query(statement, parameters, database_=DATABASE).records

    def _within(self, seconds: float, call: Callable[[], Result]) -> Result:
        with _translated():
            try:
                return within(seconds, call)
            except TimeoutError:
                self._give_up()
                raise

    def _give_up(self) -> None:
        """Closing wakes the call that still waits; it may itself wait to send, so nobody waits for it."""
        driver = self._driver()
        self._forget()
        Thread(target=driver.close, name="close-graph", daemon=True).start()


def _steps(key: _Keys, difference: Difference) -> Iterator[tuple[str, list[Row]]]:
    """Statements and their rows, in order: edges go before nodes and come after them."""
    for label, edges in _by_source(difference.calls_gone):
        yield _CALLS_GONE % label, [key.call(edge) for edge in edges]
    yield _IMPORTS_GONE, [key.import_(edge) for edge in difference.imports_gone]
    yield _SYMBOLS_GONE, [{"key": key.symbol(path, name)} for path, name in difference.symbols_gone]
    yield _FILES_GONE, [{"key": key.file(path)} for path in difference.files_gone]
    symbols, calls = (_SYMBOLS_FRESH, _CALLS_FRESH) if difference.fresh else (_SYMBOLS, _CALLS)
    yield _FILES, [key.file_row(*file) for file in difference.files]
    yield symbols, [key.symbol_row(node) for node in difference.symbols]
    yield _SYMBOLS_CHANGED, [key.symbol_row(node) for node in difference.symbols_changed]
    yield _IMPORTS, [key.import_(edge) for edge in difference.imports]
    for label, edges in _by_source(difference.calls):
        yield calls % label, [key.call(edge) for edge in edges]


class _Keys:
    """Keys within one project; the name of a symbol holds no line end, so that the last one parts it from the path."""

    def __init__(self, org_id: str, project_id: str) -> None:
        self._scope = {"org": org_id, "project": project_id}
        self._prefix = f"{org_id}/{project_id}/"

    def file(self, path: str) -> str:
        return self._prefix + path

    def symbol(self, path: str, name: str) -> str:
        return f"{self._prefix}{path}\n{name}" if name else self.file(path)

    def file_row(self, path: str, language: str) -> Row:
        return {"key": self.file(path), "props": {**self._scope, "path": path, "language": language}}

    def symbol_row(self, node: SymbolNode) -> Row:
        return {
            "key": self.symbol(node.path, node.name),
            "file": self.file(node.path),
            "props": {**self._scope, **node._asdict()},
        }

    def import_(self, edge: Edge) -> Row:
        return {"a": self.file(edge.path), "b": self.file(edge.target_path)}

    def call(self, edge: Edge) -> Row:
        source, target = self.symbol(edge.path, edge.source), self.symbol(edge.target_path, edge.target)
        return {"a": source, "b": target, "times": edge.times}


def _by_source(edges: Sequence[Edge]) -> Iterator[tuple[str, list[Edge]]]:
    yield "File", [edge for edge in edges if not edge.source]
    yield "Symbol", [edge for edge in edges if edge.source]


@contextmanager
def _translated() -> Iterator[None]:
    from neo4j.exceptions import DriverError, Neo4jError

    try:
        yield
    except (DriverError, Neo4jError, OSError) as down:
        raise Unavailable("graph") from down
