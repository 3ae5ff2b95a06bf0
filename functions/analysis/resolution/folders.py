"""Go: a package is a folder; all of its files share one scope."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from functions.analysis.engines.words import words
from functions.analysis.resolution.declared import Declared
from functions.analysis.resolution.modules import stem
from functions.analysis.resolution.names import Names

_GO = (".go",)
_FORGES = frozenset(("github.com", "gitlab.com", "bitbucket.org", "codeberg.org"))
_STANDARD = frozenset(
    words(
        "archive bufio builtin bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt go hash"
        " html image index io iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv strings structs sync"
        " syscall testing text time unicode unique unsafe weak"
    )
)
_FORGE_PREFIX = 3  # host, owner and repository
_EDGES = 64  # to the files of one package; calls lead to any of them


class Folders(Declared):
    """An import is the folder that its path ends in; whose host is a forge, three names go before."""

    implicit = False

    def reach(self, path: str, seen: Names, name: str) -> Iterator[tuple[str, str]]:
        first, _, rest = name.partition(".")
        origin = seen.bindings.get(first)
        if origin and rest:
            yield from ((file, rest) for file in self._files(path, origin.module))
            return
        yield from ((file, name) for file in self.beside(path))
        for star in seen.stars:
            yield from ((file, name) for file in self._files(path, star.module))

    def beside(self, path: str) -> Sequence[str]:
        """The other files of the package; those of its tests only to tests."""
        files = self.places.files(posixpath.dirname(path), _GO)
        return [file for file in files if file != path and (_tests(path) or not _tests(file))]

    def _files(self, path: str, package: str) -> Sequence[str]:
        folder = self._folder(path, package)
        files = self.places.files(folder, _GO) if folder is not None else ()
        return [file for file in files if not _tests(file) and file != path]

    def _folder(self, path: str, package: str) -> str | None:
        """The longest end of the import path that is a folder."""
        parts = package.split("/")
        for start in _starts(parts):
            end = "/".join(parts[start:])
            known = [folder for folder in self.places.folders(end) if self.places.files(folder, _GO)]
            if known:
                return min(known, key=lambda folder: (folder != end, len(folder), folder))
        return None

    def imports(self) -> tuple[set[str], int]:
        found, external = set(self.used), 0
        for module, _, _ in self.own.imports:
            targets = self._files(self.path, module)
            found.update(targets[:_EDGES])
            external += not targets
        return found - {self.path}, external

    def stems(self) -> Iterator[str]:
        yield stem(self.path)
        for module, _, _ in self.own.imports:
            yield from module.split("/")[-2:]


def _starts(parts: Sequence[str]) -> range:
    """How many names of an import path may go before the folder; the standard library's paths have no host."""
    if parts[0] in _STANDARD:
        return range(min(len(parts) - 1, 1))
    return range(_FORGE_PREFIX if parts[0] in _FORGES else 1, len(parts))


def _tests(path: str) -> bool:
    return path.endswith("_test.go")
