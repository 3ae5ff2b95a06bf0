"""Ties one file to the others: which files it imports, which symbols its calls mean.

What cannot be told from names (dynamic receivers, libraries) stays out and is counted. Every file whose names were
asked is recorded, so that a later merge knows whom a change concerns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from functions.analysis.resolution.dotted import Dotted
from functions.analysis.resolution.families import FAMILIES
from functions.analysis.resolution.modules import Modules
from functions.analysis.resolution.names import Names, named
from functions.analysis.resolution.sight import Family, Sight, Target
from functions.analysis.results import Document


@dataclass(frozen=True, slots=True)
class Linked:
    """A file's nodes and edges; `external` and `unresolved` are counts.

    `calls` are (caller, path, callee, times), `inherits` are (class, path, base) for the bases that the version holds.
    """

    language: str
    symbols: tuple[tuple[str, str, int, int], ...]
    imports: tuple[str, ...]
    calls: tuple[tuple[str, str, str, int], ...]
    external: int
    unresolved: int
    consulted: frozenset[str] = frozenset()
    stems: frozenset[str] = frozenset()
    inherits: tuple[tuple[str, str, str], ...] = ()


class Linker:
    """`names` gives what is known of a file of the version, or None for one without symbols."""

    def __init__(self, modules: Modules, names: Callable[[str], Names | None]) -> None:
        self.modules, self.names = modules, names

    def link(self, path: str, own: Names, calls: Document) -> Linked:
        sight = Sight(path, own, self.modules, self.names)
        family = FAMILIES.get(own.language, Dotted)(sight)
        targets, unresolved = _calls(family, calls)
        inherits = sorted(set(_inherits(family, path, own)))
        imported, external = family.imports()
        symbols = ((name, place.kind, place.line, place.end_line) for name, place in own.symbols.items())
        return Linked(
            language=own.language,
            symbols=tuple(sorted(symbols)),
            imports=tuple(sorted(imported)),
            calls=tuple(sorted((caller, *target, times) for (caller, target), times in targets.items())),
            external=external,
            unresolved=unresolved,
            consulted=frozenset((sight.consulted | imported) - {path}),
            stems=frozenset(family.stems()),
            inherits=tuple(inherits),
        )


def _calls(family: Family, calls: Document) -> tuple[Counter[tuple[str, Target]], int]:
    """A function without a name is no symbol: what it calls is called by the function around it."""
    found: Counter[tuple[str, Target]] = Counter()
    unresolved = 0
    callers = [named(caller) for caller in calls["callers"]]
    for callee, number, _ in calls["calls"]:
        caller = callers[number]
        target = None if callee.startswith("?") else family.callee(callee, caller)
        if target is None or not target[1]:
            unresolved += 1
        else:
            found[caller, target] += 1
    return found, unresolved


def _inherits(family: Family, path: str, own: Names) -> Iterator[tuple[str, str, str]]:
    for name, bases in own.bases.items():
        for base in bases:
            parent = None if base == "?" else family.base(name, base)
            if parent and parent[1] and parent != (path, name):
                yield name, *parent
