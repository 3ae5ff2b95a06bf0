"""C and C++: what a file includes it may use, and what a header declares is defined in the source of the same name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from functions.analysis.resolution.declared import Declared
from functions.analysis.resolution.names import Names

_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".ino")
_HEADERS = (".h", ".hh", ".hpp", ".hxx")
_MANY = 60  # headers that one file sees
_SYSTEM_FOLDERS = frozenset(("include", "src"))


class Headers(Declared):
    def reach(self, path: str, seen: Names, name: str) -> Iterator[tuple[str, str]]:
        for header in self._included(path):
            yield header, name
            yield from ((source, name) for source in self.beside(header) if source != path)

    def beside(self, path: str) -> Iterator[str]:
        """A header's source and a source's header: of the same name, in the same folder or the nearest."""
        stem, extension = posixpath.splitext(path)
        for end in _SOURCES if extension in _HEADERS else _HEADERS:
            choice = stem + end
            found = choice if choice in self.places.paths else None
            found = found or self.places.ending(path, posixpath.basename(stem) + end)
            if found:
                yield found

    def _included(self, path: str) -> list[str]:
        """The headers that a file sees, nearest first, those included by headers after them."""
        found: dict[str, None] = {}
        waiting = [path]
        while waiting and len(found) < _MANY:
            current = waiting.pop(0)
            seen = self.see(current)
            for module, level, _ in seen.imports if seen else ():
                header = self._header(current, module, level)
                if header and header != path and header not in found:
                    found[header] = None
                    waiting.append(header)
        return list(found)

    def _header(self, path: str, module: str, level: int) -> str | None:
        if level < 0 or not module:
            return None
        if level and (beside := self.places.beside(path, module)):
            return beside
        if not level and "/" not in module:
            found = self.places.ending(path, module)
            return found if found and _SYSTEM_FOLDERS.intersection(found.split("/")[-2:-1]) else None
        return self.places.ending(path, posixpath.normpath(module).lstrip("./"))

    def imports(self) -> tuple[set[str], int]:
        found, external = set[str](), 0
        for module, level, _ in self.own.imports:
            if level >= 0:
                header = self._header(self.path, module, level)
                found |= {header} if header else set()
                external += header is None
        return found - {self.path}, external

    def stems(self) -> Iterator[str]:
        yield posixpath.basename(self.path).partition(".")[0]
        for module, level, _ in self.own.imports:
            if level >= 0:
                yield posixpath.basename(module).partition(".")[0]
