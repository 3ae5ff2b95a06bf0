"""What may be seen from one file while its names are tied, and what a family of languages has to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeAlias

from functions.analysis.resolution.modules import Modules
from functions.analysis.resolution.names import Names

Target: TypeAlias = tuple[str, str]
"""Path and qualified name of a symbol; the name is empty for the module itself."""


class Sight:
    """A file and the way from it to others; every file that was looked at is remembered."""

    def __init__(self, path: str, own: Names, modules: Modules, names: Callable[[str], Names | None]) -> None:
        self.path, self.own, self.modules, self._names = path, own, modules, names
        self.consulted: set[str] = set()

    def see(self, path: str) -> Names | None:
        if path == self.path:
            return self.own
        self.consulted.add(path)
        return self._names(path)


class Family(Protocol):
    """Languages whose names are looked up alike; made for one file."""

    def imports(self) -> tuple[set[str], int]:
        """The files that the file imports, and how many imports lead out of the version."""
        ...

    def stems(self) -> Iterable[str]:
        """The stems of files that could mean something to this one if they came or went."""
        ...

    def callee(self, callee: str, caller: str) -> Target | None: ...

    def base(self, name: str, base: str) -> Target | None:
        """What `base` of the class `name` means."""
        ...
