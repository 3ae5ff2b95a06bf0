"""Rust: a path is walked from the crate's root, from the module itself or from its parent, through files and folders."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from functions.analysis.resolution.declared import Declared
from functions.analysis.resolution.names import Names

_ROOTS = ("lib.rs", "main.rs")
_FOLDERS = frozenset(("mod.rs", *_ROOTS))


class Crates(Declared):
    implicit = False
    re_exports = True

    def reach(self, path: str, seen: Names, name: str) -> Iterator[tuple[str, str]]:
        first, _, rest = name.partition(".")
        if origin := seen.bindings.get(first):
            yield from self._walk(path, ".".join(filter(None, (origin.module, origin.name, rest))))
        elif rest:
            yield from self._walk(path, name)
        for star in seen.stars:
            yield from self._walk(path, f"{star.module}.{name}")

    def _walk(self, path: str, full: str) -> Iterator[tuple[str, str]]:
        """The file that as much of the path as possible means, and the rest of the path."""
        parts = full.split(".")
        folder, start = self._start(path, parts)
        if folder is None:
            return
        file = None if start else ""
        while start < len(parts) and (found := self._file(folder, parts[start])):
            file, folder, start = found, posixpath.join(folder, parts[start]), start + 1
        file = file or self._own_file(folder)
        if file and file != path and start < len(parts):
            yield file, ".".join(parts[start:])
        elif file and file != path:
            yield file, ""

    def _start(self, path: str, parts: list[str]) -> tuple[str | None, int]:
        """The folder in which the walk begins, and how many parts that took."""
        here, taken = _inside(path), 0
        if parts[0] == "crate":
            return self._root(path), 1
        while taken < len(parts) and parts[taken] in ("self", "super"):
            here = posixpath.dirname(here) if parts[taken] == "super" else here
            taken += 1
        if taken or self._file(here, parts[0]):
            return here, taken
        named = self.places.ending(path, f"{parts[0].replace('_', '-')}/src/lib.rs")
        named = named or self.places.ending(path, f"{parts[0]}/src/lib.rs")
        return (posixpath.dirname(named), 1) if named else (None, 0)

    def _root(self, path: str) -> str | None:
        folder = posixpath.dirname(path)
        while True:
            if any(posixpath.join(folder, name) in self.places.paths for name in _ROOTS):
                return folder
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    def _file(self, folder: str, name: str) -> str | None:
        choices = (posixpath.join(folder, f"{name}.rs"), posixpath.join(folder, name, "mod.rs"))
        return next((choice for choice in choices if choice in self.places.paths), None)

    def _own_file(self, folder: str) -> str | None:
        """The file of the module whose submodules lie in `folder`."""
        choices = (*(posixpath.join(folder, name) for name in sorted(_FOLDERS)), f"{folder}.rs")
        return next((choice for choice in choices if choice in self.places.paths), None)

    def imports(self) -> tuple[set[str], int]:
        found, external = set(self.used), 0
        for module, _, names in self.own.imports:
            paths = [f"{module}.{name}".strip(".") for name in names] or [module]
            targets = {file for full in paths for file, _ in self._walk(self.path, full)}
            found |= targets
            external += not targets
        return found - {self.path}, external

    def stems(self) -> Iterator[str]:
        yield from ("lib", "main")
        for name in self._asked:
            yield from name.split(".")[:-1]
        for module, _, names in self.own.imports:
            for part in (*module.split("."), *names):
                yield from (part, part.replace("_", "-"))


def _inside(path: str) -> str:
    """The folder of a file's submodules."""
    folder, name = posixpath.split(path)
    return folder if name in _FOLDERS else posixpath.join(folder, name.removesuffix(".rs"))
