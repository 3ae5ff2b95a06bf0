"""What a manifest says, whatever its format. Values only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Any, Self

RUNTIME, DEV, OPTIONAL = "runtime", "dev", "optional"
MOST_DEPENDENCIES = 20_000
LONGEST = 300  # characters of a name, version, licence or address that is kept
_INSECURE = re.compile(
    r"(?:git\+)?(?:http|git|ftp|svn)://(?!localhost\b|127\.|\[::1\]|\[?0\.0\.0\.0)[^\s\"'<>]+", re.IGNORECASE
)
_QUOTED = re.compile(r"[\"']([^\"'\n]{1,300})[\"']")
_USER = re.compile(r"://[^/@\s]*@")


class Malformed(ValueError):
    """The manifest is not what its name promises."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """One package that is wanted or locked.

    `version` is exact or empty, `wanted` is as written; `direct` is None where the file alone does not tell. What is
    not known is empty: nothing is guessed.
    """

    ecosystem: str  # a type of package URLs: pypi, npm, golang, cargo, maven, gem, composer, nuget
    name: str
    version: str = ""
    wanted: str = ""
    scope: str = RUNTIME
    direct: bool | None = True
    pinned: bool = False
    licence: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """`application`: whether the manifest says that this is run rather than used; `insecure`: address and line."""

    name: str = ""
    version: str = ""
    licence: str = ""
    application: bool = False
    dependencies: tuple[Dependency, ...] = ()
    insecure: tuple[tuple[str, int], ...] = ()
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        fields = {name: getattr(self, name) for name in self.__slots__}
        return fields | {"dependencies": [astuple(one) for one in self.dependencies]}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        dependencies = tuple(Dependency(*row) for row in document["dependencies"])
        insecure = tuple((url, line) for url, line in document["insecure"])
        return cls(**{**document, "dependencies": dependencies, "insecure": insecure})


def table(value: object) -> Mapping[str, Any]:
    """`value` if it is an object, else an empty one: a field of another shape says nothing."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """`value` if it is text, cut and without half surrogate pairs, which nothing could store."""
    return value[:LONGEST].encode(errors="replace").decode() if isinstance(value, str) else ""


def bounded(dependencies: Iterable[Dependency]) -> tuple[Dependency, ...]:
    """Each once, in a fixed order."""
    distinct = sorted(set(dependencies), key=lambda one: (one.ecosystem, one.name, one.version, one.scope, one.line))
    return tuple(distinct[:MOST_DEPENDENCIES])


def insecure(source: str) -> tuple[tuple[str, int], ...]:
    """Addresses from which anybody on the way can change what is fetched, without the user's name in them."""
    found = []
    for number, line in enumerate(source.split("\n"), 1):
        if "://" in line:
            found += [(_USER.sub("://", one[0])[:LONGEST], number) for one in _INSECURE.finditer(line)]
    return tuple(found[:100])


def lines_of(source: str) -> dict[str, int]:
    """The first line on which each quoted text stands."""
    found: dict[str, int] = {}
    for number, line in enumerate(source.split("\n"), 1):
        for quoted in _QUOTED.findall(line):
            found.setdefault(quoted, number)
    return found
