"""The project's graph as values: what a file puts into it, and what changes between two states of a file."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from functions.analysis.resolution.linking import Linked

EMPTY = Linked("", (), (), (), 0, 0)


class SymbolNode(NamedTuple):
    path: str
    name: str
    kind: str
    line: int
    end_line: int


class Edge(NamedTuple):
    """`source` is empty for the module level of a file."""

    path: str
    source: str
    target_path: str
    target: str
    times: int = 1


@dataclass(slots=True)
class Difference:
    """What to write. If it is `fresh` the store holds nothing of the project, so that nothing need be looked for."""

    fresh: bool = False

    files_gone: list[str] = field(default_factory=list)
    symbols_gone: list[tuple[str, str]] = field(default_factory=list)
    imports_gone: list[Edge] = field(default_factory=list)
    calls_gone: list[Edge] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)  # path, language
    symbols: list[SymbolNode] = field(default_factory=list)
    symbols_changed: list[SymbolNode] = field(default_factory=list)
    imports: list[Edge] = field(default_factory=list)
    calls: list[Edge] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__ if name != "fresh")

    def add(self, path: str, before: Linked | None, after: Linked) -> None:
        """Account for one file that is new or may have changed."""
        if before is None or before.language != after.language:
            self.files.append((path, after.language))
        old = before or EMPTY
        was, now = {symbol[0]: symbol for symbol in old.symbols}, {symbol[0]: symbol for symbol in after.symbols}
        self.symbols_gone += [(path, name) for name in was.keys() - now.keys()]
        self.symbols += [SymbolNode(path, *now[name]) for name in now.keys() - was.keys()]
        kept = [symbol for name, symbol in now.items() if was.get(name, symbol) != symbol]
        self.symbols_changed += [SymbolNode(path, *symbol) for symbol in kept]
        self.imports_gone += [Edge(path, "", target, "") for target in set(old.imports) - set(after.imports)]
        self.imports += [Edge(path, "", target, "") for target in set(after.imports) - set(old.imports)]
        self._add_calls(path, old, after)

    def _add_calls(self, path: str, old: Linked, after: Linked) -> None:
        was = {call[:3]: call[3] for call in old.calls}
        now = {call[:3]: call[3] for call in after.calls}
        self.calls_gone += [Edge(path, *call) for call in was.keys() - now.keys()]
        self.calls += [Edge(path, *call, times) for call, times in now.items() if was.get(call) != times]

    def remove(self, path: str, before: Linked) -> None:
        """Account for a file that is gone; its edges go with its nodes."""
        self.files_gone.append(path)
        self.symbols_gone += [(path, name) for name, *_ in before.symbols]


class Size(NamedTuple):
    files: int
    symbols: int
    imports: int
    calls: int


class Dependant(NamedTuple):
    """A file that uses another one over `distance` imports; `dependants` use it directly in turn."""

    path: str
    distance: int
    dependants: int


class Impact(NamedTuple):
    items: list[Dependant]
    truncated: bool


def ranked(found: Iterable[Dependant]) -> list[Dependant]:
    """The nearest first, then those on which most depends."""
    return sorted(found, key=lambda one: (one.distance, -one.dependants, one.path))


def packed(linked: Linked) -> bytes:
    """Nodes and edges; `consulted` and `stems` are stored where they can be searched."""
    rows = (linked.language, linked.symbols, linked.imports, linked.calls, linked.external, linked.unresolved)
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 1)


def unpacked(data: bytes) -> Linked:
    language, symbols, imports, calls, external, unresolved = json.loads(zlib.decompress(data))
    return Linked(
        language,
        tuple((name, kind, line, end_line) for name, kind, line, end_line in symbols),
        tuple(imports),
        tuple((caller, path, callee, times) for caller, path, callee, times in calls),
        external,
        unresolved,
    )
