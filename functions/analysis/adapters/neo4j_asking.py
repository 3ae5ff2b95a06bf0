"""Questions to the graph in Cypher, about one line and what shows through it.

A thing of the main line and its counterpart in a branch are two nodes and one answer: targets are looked for under
both keys, and a source counts where it has its own state. Every statement names the scopes and bounds its rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from functions.analysis.adapters.neo4j_writing import Keys
from functions.analysis.graph import EdgeKind, Link, Symbol, SymbolNode, View

Run = Callable[..., list[Any]]
_SEEN = "({0}.scope = $scope OR {0}.scope = $base AND $hidden[{0}.path] IS NULL)"
_FROM, _OWN = _SEEN.format("a"), _SEEN.format("n") + " AND n.own"
_LINK = """
RETURN DISTINCT type(r) AS kind, a.path AS path, coalesce(a.name, '') AS source, b.path AS target_path,
  coalesce(b.name, '') AS target, coalesce(r.times, 1) AS times, r.names AS names
ORDER BY path, source, target_path, target, kind LIMIT $limit
"""
_INTO_FILES = f"UNWIND $keys AS key MATCH (b:File {{key: key}})<-[r:IMPORTS|TESTS]-(a:File) WHERE {_FROM} {_LINK}"
_INTO_SYMBOLS = f"UNWIND $keys AS key MATCH (b:Symbol {{key: key}})<-[r:CALLS|INHERITS]-(a) WHERE {_FROM} {_LINK}"
_OUT_OF_FILES = f"""
UNWIND $keys AS key MATCH (a:File {{key: key}})-[r:IMPORTS|TESTS|CALLS]->(b) WHERE {_FROM} {_LINK}
"""
_OUT_OF_SYMBOLS = f"UNWIND $keys AS key MATCH (a:Symbol {{key: key}})-[r:CALLS|INHERITS]->(b) WHERE {_FROM} {_LINK}"
_OWNERS = f"""
UNWIND $keys AS key MATCH (a:File {{key: key}})-[:OWNED_BY]->(b:Owner) WHERE {_FROM}
RETURN b.name AS name ORDER BY name LIMIT $limit
"""
_USERS = f"""
UNWIND $keys AS key MATCH (:File {{key: key}})<-[r:IMPORTS|TESTS|USES]-(a:File) WHERE {_FROM}
RETURN a.path AS path, collect(DISTINCT type(r)) AS types, collect(r.kinds) AS kinds ORDER BY path LIMIT $limit
"""
_DEPENDANTS = f"""
UNWIND $keys AS key MATCH (b:File {{key: key}})<-[:IMPORTS|TESTS|USES]-(a:File) WHERE {_FROM}
RETURN b.path AS path, count(DISTINCT a.path) AS many
"""
_NODE = f"""
UNWIND $keys AS key MATCH (n:File {{key: key}}) WHERE {_OWN} RETURN n.language AS language LIMIT 1
"""
_SYMBOLS = f"""
UNWIND $keys AS key MATCH (:File {{key: key}})-[:CONTAINS]->(n:Symbol) WHERE {_OWN}
RETURN n.path AS path, n.name AS name, n.kind AS kind, n.line AS line, n.end_line AS end_line
ORDER BY line, name LIMIT $limit
"""
_IMPORTS = f"""
MATCH (a:File {{scope: $of}})-[r:IMPORTS]->(b:File) WHERE {_FROM} AND a.own
RETURN a.path AS path, b.path AS target LIMIT $limit
"""
_UNUSED = f"""
MATCH (n:Symbol {{scope: $of}})
WHERE {_OWN} AND n.kind IN $kinds AND COUNT {{ (n)<-[:CALLS|INHERITS]-(a) WHERE {_FROM} }} = 0
RETURN n.path AS path, n.name AS name, n.kind AS kind, n.line AS line, n.end_line AS end_line
ORDER BY path, line, name LIMIT $limit
"""


class AskedNeo4j:
    """`ports.Asked` of one view; `run` bounds the time of all its questions together."""

    def __init__(self, run: Run, view: View) -> None:
        self._run, self._view = run, view
        self._keys = [Keys(scope) for scope in (view.scope, view.base) if scope is not None]
        base = view.base.name if view.base is not None else ""
        self._seen = {"scope": view.scope.name, "base": base, "hidden": dict.fromkeys(view.hidden, True)}

    def language(self, path: str) -> str | None:
        rows = self._ask(_NODE, keys=self._files([path]))
        return str(rows[0]["language"]) if rows else None

    def symbols(self, path: str, limit: int) -> list[SymbolNode]:
        return [SymbolNode(**row.data()) for row in self._ask(_SYMBOLS, keys=self._files([path]), limit=limit)]

    def users(self, paths: Sequence[str], limit: int) -> dict[str, tuple[EdgeKind, ...]]:
        rows = self._ask(_USERS, keys=self._files(paths), limit=limit) if paths else []
        return {row["path"]: _kinds(row["types"], row["kinds"]) for row in rows}

    def dependants(self, paths: Sequence[str]) -> dict[str, int]:
        rows = self._ask(_DEPENDANTS, keys=self._files(paths)) if paths else []
        counts: Counter[str] = Counter()
        for row in rows:
            counts[row["path"]] += row["many"]
        return counts

    def into(self, nodes: Sequence[Symbol], limit: int) -> list[Link]:
        return self._around(nodes, (_INTO_FILES, _INTO_SYMBOLS), limit)

    def out_of(self, nodes: Sequence[Symbol], limit: int) -> list[Link]:
        return self._around(nodes, (_OUT_OF_FILES, _OUT_OF_SYMBOLS), limit)

    def _around(self, nodes: Sequence[Symbol], statements: tuple[str, str], limit: int) -> list[Link]:
        rows: list[Any] = []
        for statement, named in zip(statements, (False, True), strict=True):
            wanted = [one for one in nodes if bool(one.name) is named]
            if wanted:
                keys = [key.symbol(*one) for key in self._keys for one in wanted]
                rows += self._ask(statement, keys=keys, limit=limit)
        return _links(rows)

    def owners(self, path: str, limit: int) -> list[str]:
        return [str(row["name"]) for row in self._ask(_OWNERS, keys=self._files([path]), limit=limit)]

    def imports(self, limit: int) -> list[tuple[str, str]]:
        rows = [row for of in self._view.names for row in self._ask(_IMPORTS, of=of, limit=limit)]
        return sorted((row["path"], row["target"]) for row in rows)[:limit]

    def unused(self, kinds: Sequence[str], limit: int) -> list[SymbolNode]:
        rows = [row for of in self._view.names for row in self._ask(_UNUSED, of=of, kinds=list(kinds), limit=limit)]
        found = sorted(SymbolNode(**row.data()) for row in rows)
        if self._view.base is None:
            return found
        used = {(link.target_path, link.target) for link in self.into([Symbol(*one[:2]) for one in found], limit)}
        return [one for one in found if one[:2] not in used]

    def _files(self, paths: Iterable[str]) -> list[str]:
        paths = list(paths)
        return [key.file(path) for key in self._keys for path in paths]

    def _ask(self, statement: str, **given: Any) -> list[Any]:
        return self._run(statement, **self._seen, **given)


def _links(rows: Iterable[Any]) -> list[Link]:
    found = [
        Link(
            EdgeKind(row["kind"]),
            row["path"],
            row["source"],
            row["target_path"],
            row["target"],
            row["times"],
            _names(row),
        )
        for row in rows
    ]
    return sorted(set(found))


def _kinds(types: Iterable[str], kinds: Iterable[Iterable[str]]) -> tuple[EdgeKind, ...]:
    said = {*types, *(kind for some in kinds for kind in some)} - {EdgeKind.USES}
    return tuple(sorted(map(EdgeKind, said)))


def _names(row: Any) -> tuple[str, ...]:
    return tuple(row["names"] or ())
