"""Java, C# and PHP: a type lies in a file of its name, a package or namespace in a folder of its name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from functions.analysis.resolution.declared import Declared
from functions.analysis.resolution.names import Names


class Java(Declared):
    """`import a.b.C` is the file that ends in a/b/C.java; without an import it lies in the same folder."""

    def reach(self, path: str, seen: Names, name: str) -> Iterator[tuple[str, str]]:
        first, _, rest = name.partition(".")
        if origin := seen.bindings.get(first):
            yield from self._typed(path, ".".join(filter(None, (origin.module, origin.name, rest))))
        if beside := self.places.beside(path, f"{first}.java"):
            yield beside, name
        for star in seen.stars:
            yield from self._typed(path, f"{star.module}.{name}")
        if rest and not origin:
            yield from self._typed(path, name)

    def _typed(self, path: str, full: str) -> Iterator[tuple[str, str]]:
        """The file of the outermost type in a full name, and what follows from that type on."""
        parts = full.split(".")
        for end in range(len(parts), 0, -1):
            named = parts[end - 1][:1].isupper()
            if named and (found := self.places.ending(path, "/".join(parts[:end]) + ".java")):
                yield found, ".".join(parts[end - 1 :])

    def imports(self) -> tuple[set[str], int]:
        found, external = set(self.used), 0
        for module, level, names in self.own.imports:
            targets = {path for name in names for path, _ in self._typed(self.path, f"{module}.{name}")}
            found |= targets
            external += level == 0 and not targets and not self.places.folders(module.replace(".", "/"))
        return found - {self.path}, external

    def stems(self) -> Iterator[str]:
        yield from (name for name in self.heads() if name[:1].isupper())
        for module, _, names in self.own.imports:
            yield from (part for part in (*module.split("."), *names) if part[:1].isupper())


class CSharp(Declared):
    """A type is looked for in the nearest file of its name that declares it in a namespace which is in use."""

    def reach(self, path: str, seen: Names, name: str) -> Iterator[tuple[str, str]]:
        first, _, rest = name.partition(".")
        aliased = ""
        if origin := seen.bindings.get(first):
            aliased, _, first = origin.module.rpartition(".")
            name = ".".join(filter(None, (first, rest)))
        if not first[:1].isupper():
            return
        open_spaces = {"", aliased, *_around(seen.spaces), *(star.module for star in seen.stars)}
        for other in self.places.called(path, f"{first}.cs"):
            there = self.see(other) if other != path else None
            if there is not None and (there.spaces & open_spaces or not there.spaces):
                yield other, name

    def imports(self) -> tuple[set[str], int]:
        outside = (not self.places.folders(module.rpartition(".")[2]) for module, _, _ in self.own.imports)
        return set(self.used), sum(outside)

    def stems(self) -> Iterator[str]:
        yield from (name for name in self.heads() if name[:1].isupper())
        yield from (origin.module.rpartition(".")[2] for origin in self.own.bindings.values())


def _around(spaces: Iterable[str]) -> Iterator[str]:
    """A namespace sees those around it."""
    for space in spaces:
        parts = space.split(".")
        yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


class Php(Declared):
    """`use A\\B\\C` is the file that ends in the most of A/B/C.php and declares A\\B\\C (PSR-4); includes begin beside the file."""

    implicit = False

    def reach(self, path: str, seen: Names, name: str) -> Iterator[tuple[str, str]]:
        first, _, rest = name.partition(".")
        fulls = [f"{space}.{name}" for space in sorted(seen.spaces)] + [name]
        if origin := seen.bindings.get(first):
            fulls.insert(0, ".".join(filter(None, (origin.module, origin.name, rest))))
        for full in fulls:
            yield from self._typed(path, full)
        for module, level, names in seen.imports:
            found = self.places.beside(path, module) if level and not names else None
            if found:
                yield found, name

    def _typed(self, path: str, full: str) -> Iterator[tuple[str, str]]:
        """A member may follow the type: both are tried as the file's name."""
        parts = full.split(".")
        for end in (len(parts), len(parts) - 1):
            for start in range(max(end, 0)):
                if found := self.places.ending(path, "/".join(parts[start:end]) + ".php"):
                    there = self.see(found)
                    if there is not None and ".".join(parts[:end]) in there.symbols:
                        yield found, full
                    break

    def imports(self) -> tuple[set[str], int]:
        found, external = set(self.used), 0
        for module, level, names in self.own.imports:
            targets = {path for name in names for path, _ in self._typed(self.path, f"{module}.{name}".strip("."))}
            included = self.places.beside(self.path, module) if level and not names else None
            targets |= {included} if included else set()
            found |= targets
            external += not targets
        return found - {self.path}, external

    def stems(self) -> Iterator[str]:
        for name in self._asked:
            yield from (part for part in name.split(".") if part[:1].isupper())
        for module, _, names in self.own.imports:
            yield from names or [posixpath.basename(module).partition(".")[0]]
