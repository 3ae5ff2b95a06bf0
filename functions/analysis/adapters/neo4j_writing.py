"""What a difference becomes in Cypher: statements with their rows, in an order in which nothing hangs in the air.

Keys hold organisation, project, line and path, so that a unique constraint finds a node; `scope`, the same without
the path, finds all nodes of a line. In a branch, what an edge points at outside the branch's own files is a stub: a
node that stands for the same thing of the main line and has nothing of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from functions.analysis.graph import MAIN, Difference, Edge, EdgeKind, Scope, SymbolNode

Row = dict[str, object]
LABELS = ("Symbol", "File", "Module", "Owner")
PREPARED = tuple(
    statement
    for label in LABELS
    for statement in (
        f"CREATE CONSTRAINT {label.lower()}_key IF NOT EXISTS FOR (n:{label}) REQUIRE n.key IS UNIQUE",
        f"CREATE INDEX {label.lower()}_scope IF NOT EXISTS FOR (n:{label}) ON (n.scope)",
    )
)
WIPE_LINE = "MATCH (n:%s {scope: $scope}) WITH n LIMIT %d DETACH DELETE n RETURN count(*) AS n"
WIPE = "MATCH (n:%s) WHERE n.scope STARTS WITH $scope WITH n LIMIT %d DETACH DELETE n RETURN count(*) AS n"
_GONE = "UNWIND $rows AS row MATCH (n:%s {key: row.key}) DETACH DELETE n"
_EDGES_GONE = "UNWIND $rows AS row MATCH (:%s {key: row.a})-[r:%s]->(:%s {key: row.b}) DELETE r"
_NODES = "UNWIND $rows AS row MERGE (n:%s {key: row.key}) SET n += row.props"
_STUBS = "UNWIND $rows AS row MERGE (n:%s {key: row.key}) ON CREATE SET n += row.props"
_INSIDE = """
UNWIND $rows AS row MATCH (f:%s {key: row.a}) MATCH (n:%s {key: row.b}) MERGE (f)-[:CONTAINS]->(n)
"""
_CHANGED = "UNWIND $rows AS row MATCH (n:Symbol {key: row.key}) SET n += row.props"
_SYMBOLS = """
UNWIND $rows AS row MATCH (f:File {key: row.file}) MERGE (n:Symbol {key: row.key}) SET n += row.props
MERGE (f)-[:CONTAINS]->(n)
"""
_SYMBOLS_FRESH = """
UNWIND $rows AS row MATCH (f:File {key: row.file}) CREATE (n:Symbol) SET n = row.props, n.key = row.key
CREATE (f)-[:CONTAINS]->(n)
"""
_EDGES = """
UNWIND $rows AS row MATCH (a:%s {key: row.a}) MATCH (b:%s {key: row.b}) MERGE (a)-[r:%s]->(b) SET r += row.props
"""
_EDGES_FRESH = """
UNWIND $rows AS row MATCH (a:%s {key: row.a}) MATCH (b:%s {key: row.b}) CREATE (a)-[r:%s]->(b) SET r = row.props
"""
_IDLE_OWNERS = """
UNWIND $rows AS row MATCH (o:Owner {scope: row.scope}) WHERE COUNT { (o)<-[:OWNED_BY]-() } = 0 DELETE o
"""
_TARGETS = {EdgeKind.CALLS: "Symbol", EdgeKind.INHERITS: "Symbol", EdgeKind.OWNED_BY: "Owner"}


def steps(scope: Scope, difference: Difference) -> Iterator[tuple[str, list[Row]]]:
    """Statements and their rows: edges go before nodes and come after them."""
    key = Keys(scope)
    for kind in EdgeKind:
        for label, edges in _by_source(difference.edges_gone[kind]):
            yield _EDGES_GONE % (label, kind, _TARGETS.get(kind, "File")), [key.edge(kind, one) for one in edges]
    yield _GONE % "Symbol", [{"key": key.symbol(path, name)} for path, name in difference.symbols_gone]
    yield _GONE % "File", [{"key": key.file(path)} for path in difference.files_gone]
    yield _GONE % "Module", [{"key": key.module(folder)} for folder in difference.folders_gone]
    yield from _nodes(key, difference)
    fresh = _EDGES_FRESH if difference.fresh else _EDGES
    for kind in EdgeKind:
        for label, edges in _by_source(difference.edges[kind]):
            yield fresh % (label, _TARGETS.get(kind, "File"), kind), [key.edge(kind, one) for one in edges]
    if difference.edges_gone[EdgeKind.OWNED_BY] or difference.files_gone:
        yield _IDLE_OWNERS, [{"scope": scope.name}]


def _nodes(key: Keys, difference: Difference) -> Iterator[tuple[str, list[Row]]]:
    files, folders = [path for path, _ in difference.files], difference.folders
    yield _NODES % "Module", [key.module_row(folder) for folder in folders]
    yield (
        _INSIDE % ("Module", "Module"),
        [key.inside(folder, key.module(folder)) for folder in folders if "/" in folder],
    )
    yield _NODES % "File", [key.file_row(*file) for file in difference.files]
    yield _INSIDE % ("Module", "File"), [key.inside(path, key.file(path)) for path in files if "/" in path]
    symbols = _SYMBOLS_FRESH if difference.fresh else _SYMBOLS
    yield symbols, [key.symbol_row(node) for node in difference.symbols]
    yield _CHANGED, [key.symbol_row(node) for node in difference.symbols_changed]
    owners = sorted({edge.target_path for edge in difference.edges[EdgeKind.OWNED_BY]})
    yield _NODES % "Owner", [key.owner_row(owner) for owner in owners]
    if key.scope.line != MAIN:
        yield from _stubs(key, difference)


def _stubs(key: Keys, difference: Difference) -> Iterator[tuple[str, list[Row]]]:
    targets = [edge for kind in EdgeKind if kind is not EdgeKind.OWNED_BY for edge in difference.edges[kind]]
    own, symbols = {path for path, _ in difference.files}, {node[:2] for node in difference.symbols}
    files = sorted({edge.target_path for edge in targets} - own)
    named = sorted({(edge.target_path, edge.target) for edge in targets if edge.target} - symbols)
    yield _STUBS % "File", [key.stub(key.file(path), {"path": path}) for path in files]
    yield _STUBS % "Symbol", [key.stub(key.symbol(*one), {"path": one[0], "name": one[1]}) for one in named]
    rows: list[Row] = [{"a": key.file(path), "b": key.symbol(path, name)} for path, name in named]
    yield _INSIDE % ("File", "Symbol"), rows


class Keys:
    """Keys within one line; the name of a symbol holds no line end, so that the last one parts it from the path."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self._prefix = scope, f"{scope.name}/"

    def file(self, path: str) -> str:
        return self._prefix + path

    def symbol(self, path: str, name: str) -> str:
        return f"{self._prefix}{path}\n{name}" if name else self.file(path)

    def module(self, folder: str) -> str:
        return self._prefix + folder

    def file_row(self, path: str, language: str) -> Row:
        return {"key": self.file(path), "props": self._own({"path": path, "language": language})}

    def module_row(self, folder: str) -> Row:
        return {"key": self.module(folder), "props": self._own({"path": folder})}

    def owner_row(self, owner: str) -> Row:
        return {"key": self._prefix + owner, "props": self._own({"name": owner})}

    def symbol_row(self, node: SymbolNode) -> Row:
        key = self.symbol(node.path, node.name)
        return {"key": key, "file": self.file(node.path), "props": self._own(node._asdict())}

    def stub(self, key: str, props: Row) -> Row:
        return {"key": key, "props": {"scope": self.scope.name, "own": False, **props}}

    def inside(self, path: str, key: str) -> Row:
        return {"a": self.module(path.rpartition("/")[0]), "b": key}

    def edge(self, kind: EdgeKind, edge: Edge) -> Row:
        row: Row = {"a": self.symbol(edge.path, edge.source), "b": self.symbol(edge.target_path, edge.target)}
        props: Row = {"times": edge.times} if kind is EdgeKind.CALLS else {}
        if kind is EdgeKind.IMPORTS:
            props = {"names": list(edge.names)}
        if kind is EdgeKind.USES:
            props = {"kinds": list(edge.names)}
        return row | {"props": props}

    def _own(self, props: Row) -> Row:
        return {"scope": self.scope.name, "own": True, **props}


def batches(given: Iterable[tuple[str, list[Row]]], size: int) -> Iterator[tuple[str, list[Row]]]:
    for statement, rows in given:
        for start in range(0, len(rows), size):
            yield statement, rows[start : start + size]


def _by_source(edges: Sequence[Edge]) -> Iterator[tuple[str, list[Edge]]]:
    for label, wanted in (("File", False), ("Symbol", True)):
        found = [edge for edge in edges if bool(edge.source) is wanted]
        if found:
            yield label, found
