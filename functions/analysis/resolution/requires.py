"""Ruby: what is required, and constants by the names of files (`A::BarBaz` lies in a/bar_baz.rb, as autoloaders have it)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from functions.analysis.resolution.declared import Declared
from functions.analysis.resolution.names import Names

_MODULES = 20  # of one file that are tried
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Requires(Declared):
    def reach(self, path: str, seen: Names, name: str) -> Iterator[tuple[str, str]]:
        if name[:1].isupper():
            constants = [part for part in name.split(".") if part[:1].isupper()]
            for end in range(len(constants), 0, -1):
                if found := self.places.ending(path, "/".join(map(_file, constants[:end])) + ".rb"):
                    yield from ((found, full) for full in _fulls(seen, name))
        for module, level, _ in seen.imports:
            if found := self._required(path, module, level):
                yield from ((found, full) for full in _fulls(seen, name))

    def _required(self, path: str, module: str, level: int) -> str | None:
        name = module if module.endswith(".rb") else f"{module}.rb"
        return self.places.beside(path, name) if level else self.places.ending(path, name)

    def callee(self, callee: str, caller: str) -> tuple[str, str] | None:
        """`K.new` calls `initialize`."""
        found = super().callee(callee, caller)
        if found is None and callee.endswith(".new"):
            return super().callee(f"{callee[:-4]}.initialize", caller) or super().callee(callee[:-4], caller)
        return found

    def imports(self) -> tuple[set[str], int]:
        found, external = set(self.used), 0
        for module, level, _ in self.own.imports:
            target = self._required(self.path, module, level)
            found |= {target} if target else set()
            external += target is None
        return found - {self.path}, external

    def stems(self) -> Iterator[str]:
        for name in self._asked:
            yield from (_file(part) for part in name.split(".") if part[:1].isupper())
        for module, _, _ in self.own.imports:
            yield posixpath.basename(module).partition(".")[0]


def _fulls(seen: Names, name: str) -> Iterator[str]:
    """A name and what it is within the modules of the file that says it, the inner ones first."""
    around = sorted(
        (one for one, place in seen.symbols.items() if place.kind == "class"), key=lambda one: (-len(one), one)
    )
    yield from (f"{outer}.{name}" for outer in around[:_MODULES])
    yield name


def _file(constant: str) -> str:
    return _HUMP.sub("_", constant).lower()
