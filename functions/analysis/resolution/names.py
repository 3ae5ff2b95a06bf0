"""What the other files of a version may see of one: its symbols, and under which names it knows others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from functions.analysis.engines.scopes import ANONYMOUS
from functions.analysis.results import Document

PYTHON = "python"
GO = "go"
SCRIPTS = frozenset(("javascript", "typescript", "tsx"))
PARSED = SCRIPTS | {PYTHON, "java", "go", "rust", "c", "cpp", "csharp", "ruby", "php"}
"""Languages whose files have nodes in the graph."""


_VERSION = re.compile(r"/v\d+$|\.v\d+$")


class Place(NamedTuple):
    kind: str
    line: int
    end_line: int


class Origin(NamedTuple):
    """Where a local name comes from: a module, or `name` in it. `level` counts leading dots (Python)."""

    module: str
    level: int
    name: str | None


@dataclass(frozen=True, slots=True)
class Names:
    """`bindings` hold the first origin of a local name; `imports` are all (module, level, names)."""

    language: str
    symbols: Mapping[str, Place]
    bases: Mapping[str, tuple[str, ...]]
    bindings: Mapping[str, Origin]
    stars: tuple[Origin, ...]
    imports: tuple[tuple[str, int, tuple[str, ...]], ...]
    short: Mapping[str, str] = field(default_factory=dict)  # name without namespaces to full name
    spaces: frozenset[str] = frozenset()  # the namespaces that types and functions are in

    @property
    def visible(self) -> object:
        """What others can depend on; equal for two contents whose difference no other file can notice."""
        kinds = {name: place.kind for name, place in self.symbols.items()}
        return kinds, self.bases, self.bindings, self.stars, self.imports


def names_of(outline: Document) -> Names:
    """From the outline of a content as it is stored."""
    rows = sorted(outline["imports"], key=lambda row: row[4])
    bindings: dict[str, Origin] = {}
    for row in rows:
        for name, origin in _bound(outline["language"], row):
            bindings.setdefault(name, origin)
    symbols = _symbols(outline)
    plain = outline["language"] == PYTHON or outline["language"] in SCRIPTS
    short = {} if plain else _short(symbols)
    return Names(
        language=outline["language"],
        symbols=symbols,
        bases={row[1]: tuple(row[4]) for row in outline["classes"] if row[4]},
        bindings=bindings,
        stars=tuple(Origin(row[0], row[3], None) for row in rows if ["*", ""] in row[1]),
        imports=tuple((row[0], row[3], tuple(name for name, _ in row[1])) for row in rows),
        short=short,
        spaces=frozenset(full[: -len(name) - 1] for name, full in short.items() if full != name),
    )


def _symbols(outline: Document) -> dict[str, Place]:
    symbols: dict[str, Place] = {}
    for _, name, line, end_line, _ in outline["classes"]:
        symbols.setdefault(name, Place("class", line, end_line))
    for _, name, kind, line, end_line, *_ in outline["functions"]:
        if ANONYMOUS not in name:
            symbols.setdefault(name, Place(kind, line, end_line))
    return symbols


def _short(symbols: Mapping[str, Place]) -> dict[str, str]:
    """What is left of each name from its outermost type on; a method outside of its type keeps the type's name."""
    found: dict[str, str] = {}
    for name in sorted(symbols):
        outer = name
        while (above := outer.rpartition(".")[0]) and above in symbols:
            outer = above
        space = outer.rpartition(".")[0]
        if outer == name and symbols[name].kind == "method":
            space = space.rpartition(".")[0]
        found.setdefault(name[len(space) :].lstrip("."), name)
    return found


def named(caller: str) -> str:
    """The function around one without a name."""
    return caller.partition(f".{ANONYMOUS}")[0] if not caller.startswith(ANONYMOUS) else ""


def _bound(language: str, row: tuple[str, list[tuple[str, str]], str, int, int]) -> Iterator[tuple[str, Origin]]:
    module, names, alias, level, _ = row
    if alias:
        yield alias, Origin(module, level, None)
    elif not names and language == GO:
        yield _package(module), Origin(module, level, None)
    elif not names and language == PYTHON:
        yield module.partition(".")[0], Origin(module.partition(".")[0], 0, None)
    for name, other in names:
        if name == "default" and language in SCRIPTS:
            yield other, Origin(module, level, other)  # the exporter usually calls it so too
        elif name != "*":
            yield other or name, Origin(module, level, name)


def _package(path: str) -> str:
    """The name that a Go package most likely has: the last one of its path without version, `go-` and `.go`."""
    last = _VERSION.sub("", path).rpartition("/")[2]
    return last.removeprefix("go-").removesuffix(".go").removesuffix("-go")
