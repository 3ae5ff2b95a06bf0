"""The project's graph as values: what a file puts into it, and what changes between two states of a file.

A project has one graph for each line: its main line, and some of its branches. A branch holds only the files in
which it differs from the main line; what it does not hold shows through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from functions.analysis.resolution.linking import Linked

MAIN = "-"
"""The name of the main line in keys; those of branches are hashes, since branches may be called anything."""


class EdgeKind(StrEnum):
    """Kinds of edges beside `CONTAINS` (folder, file, symbol), which follows from the nodes.

    `USES` ties two files of which one calls or derives from symbols of the other: it follows from those edges, and
    spares questions about files the way over all symbols.
    """

    IMPORTS = "IMPORTS"
    CALLS = "CALLS"
    INHERITS = "INHERITS"
    TESTS = "TESTS"
    OWNED_BY = "OWNED_BY"
    USES = "USES"


def line_of(branch: str) -> str:
    """The line of a branch in keys."""
    return sha256(branch.encode(errors="replace")).hexdigest()[:16]


class Scope(NamedTuple):
    """One line of one project: every node carries it, and every statement names it."""

    org_id: str
    project_id: str
    line: str = MAIN

    @property
    def name(self) -> str:
        return f"{self.org_id}/{self.project_id}/{self.line}"


@dataclass(frozen=True, slots=True)
class View:
    """What a question is about: a line, and through it those files of the main line that it has no own state of."""

    scope: Scope
    base: Scope | None = None
    hidden: tuple[str, ...] = ()  # paths of the base that do not show

    @property
    def names(self) -> list[str]:
        return [scope.name for scope in (self.scope, self.base) if scope is not None]


class Answered(StrEnum):
    """How an answer stands to the analysis that was asked about."""

    WRITTEN = "written"  # it is about its version
    UNAVAILABLE = "unavailable"  # the store was down at a merge: an older version answers, or a part of one
    SUPERSEDED = "superseded"  # a newer version answers
    WRITING = "writing"  # a version is being written: the answer may be of two


class SymbolNode(NamedTuple):
    path: str
    name: str
    kind: str
    line: int
    end_line: int


class Symbol(NamedTuple):
    """A symbol, or with no name the file itself."""

    path: str
    name: str = ""


class Link(NamedTuple):
    """An edge as the store tells of it; `names` are what an import binds."""

    kind: EdgeKind
    path: str
    source: str
    target_path: str
    target: str
    times: int = 1
    names: tuple[str, ...] = ()

    @property
    def ends(self) -> tuple[Symbol, Symbol]:
        return Symbol(self.path, self.source), Symbol(self.target_path, self.target)


class Edge(NamedTuple):
    """`source` is empty for the module level of a file, `target` for a file or, with its handle as path, an owner.

    `names` are what an import binds of its target, and of a use its kinds.
    """

    path: str
    source: str
    target_path: str
    target: str
    times: int = 1
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """All that one file puts into the graph. `names` are (imported path, what is bound of it)."""

    linked: Linked
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    tests: tuple[str, ...] = ()  # paths of the files that this test is about
    owners: tuple[str, ...] = ()
    externals: tuple[str, ...] = ()  # modules that are no files of the version

    def edges(self, path: str) -> dict[EdgeKind, dict[tuple[str, str, str], Edge]]:
        """By kind, then by (source, target path, target)."""
        names = dict(self.names)
        found: dict[EdgeKind, Iterable[Edge]] = {
            EdgeKind.IMPORTS: (Edge(path, "", to, "", 1, names.get(to, ())) for to in self.linked.imports),
            EdgeKind.CALLS: (Edge(path, *call) for call in self.linked.calls),
            EdgeKind.INHERITS: (Edge(path, *base) for base in self.linked.inherits),
            EdgeKind.TESTS: (Edge(path, "", to, "") for to in self.tests),
            EdgeKind.OWNED_BY: (Edge(path, "", owner, "") for owner in self.owners),
            EdgeKind.USES: (Edge(path, "", to, "", 1, kinds) for to, kinds in self._uses(path)),
        }
        return {kind: {edge[1:4]: edge for edge in edges} for kind, edges in found.items()}

    def _uses(self, path: str) -> list[tuple[str, tuple[str, ...]]]:
        called = {call[1] for call in self.linked.calls} - {path}
        bases = {base[1] for base in self.linked.inherits} - {path}
        kinds = ((EdgeKind.CALLS, called), (EdgeKind.INHERITS, bases))
        return [(to, tuple(kind for kind, of in kinds if to in of)) for to in sorted(called | bases)]

    @property
    def plain(self) -> Part:
        """As it is read back: what it was found with is stored where it can be searched."""
        return replace(self, linked=replace(self.linked, consulted=frozenset(), stems=frozenset()))

    @property
    def counts(self) -> list[int]:
        """Symbols, then edges in the order of `EdgeKind`, without uses."""
        linked = self.linked
        edges = (linked.imports, linked.calls, linked.inherits, self.tests, self.owners)
        return [len(linked.symbols), *map(len, edges)]


EMPTY = Part(Linked("", (), (), (), 0, 0))


def no_edges() -> dict[EdgeKind, list[Edge]]:
    return {kind: [] for kind in EdgeKind}


@dataclass(slots=True)
class Difference:
    """What to write. If it is `fresh` the store holds nothing of the line, so that nothing need be looked for."""

    fresh: bool = False

    files_gone: list[str] = field(default_factory=list)
    symbols_gone: list[tuple[str, str]] = field(default_factory=list)
    folders_gone: list[str] = field(default_factory=list)
    edges_gone: dict[EdgeKind, list[Edge]] = field(default_factory=no_edges)
    folders: list[str] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)  # path, language
    symbols: list[SymbolNode] = field(default_factory=list)
    symbols_changed: list[SymbolNode] = field(default_factory=list)
    edges: dict[EdgeKind, list[Edge]] = field(default_factory=no_edges)

    def __bool__(self) -> bool:
        lists = (getattr(self, name) for name in self.__slots__ if name not in ("fresh", "edges", "edges_gone"))
        return any(lists) or any(self.edges.values()) or any(self.edges_gone.values())

    def add(self, path: str, before: Part | None, after: Part) -> None:
        """Account for one file that is new or may have changed."""
        if before is None or before.linked.language != after.linked.language:
            self.files.append((path, after.linked.language))
        old = before or EMPTY
        was = {symbol[0]: symbol for symbol in old.linked.symbols}
        now = {symbol[0]: symbol for symbol in after.linked.symbols}
        self.symbols_gone += [(path, name) for name in was if name not in now]
        self.symbols += [SymbolNode(path, *now[name]) for name in now if name not in was]
        kept = [symbol for name, symbol in now.items() if was.get(name, symbol) != symbol]
        self.symbols_changed += [SymbolNode(path, *symbol) for symbol in kept]
        self._add_edges(path, old, after)

    def _add_edges(self, path: str, old: Part, after: Part) -> None:
        before, now = old.edges(path), after.edges(path)
        for kind in EdgeKind:
            self.edges_gone[kind] += [edge for key, edge in before[kind].items() if key not in now[kind]]
            self.edges[kind] += [edge for key, edge in now[kind].items() if before[kind].get(key) != edge]

    def remove(self, path: str, before: Part) -> None:
        """Account for a file that is gone; its edges go with its nodes."""
        self.files_gone.append(path)
        self.symbols_gone += [(path, name) for name, *_ in before.linked.symbols]

    def move_folders(self, before: Iterable[str], after: Iterable[str]) -> None:
        """Account for the folders of two lists of paths."""
        was, now = folders_of(before), folders_of(after)
        self.folders_gone = sorted(was - now)
        self.folders = sorted(now - was)


def folders_of(paths: Iterable[str]) -> set[str]:
    """Every folder above the paths, without the root."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


class Size(NamedTuple):
    """How much a line holds of each kind."""

    files: int = 0
    modules: int = 0  # folders
    symbols: int = 0
    imports: int = 0
    calls: int = 0
    inherits: int = 0
    tests: int = 0
    owned: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, Any]) -> Size:
        return cls(**{name: int(counts.get(name) or 0) for name in cls._fields})
