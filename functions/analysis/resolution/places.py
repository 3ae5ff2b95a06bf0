"""Where files of a version lie: by their last name, by the end of their path and by folder. A pure function of the list of paths."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Sequence

_MANY = 500  # files of a folder that are looked at
_CANDIDATES = 64  # files of one name that are


class Places:
    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = frozenset(paths)
        self._named: dict[str, list[str]] = defaultdict(list)
        self._folders: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.paths):
            folder, _, name = path.rpartition("/")
            self._named[name].append(path)
            self._folders[folder].append(path)
        self._ends: dict[str, list[str]] = defaultdict(list)
        for folder in self._folders:
            self._ends[folder.rpartition("/")[2]].append(folder)
        self._known: dict[tuple[str, str], str | None] = {}

    def beside(self, importer: str, target: str) -> str | None:
        """The file that a path means which begins in the importer's folder."""
        found = posixpath.normpath(posixpath.join(posixpath.dirname(importer), target))
        return found if found in self.paths else None

    def ending(self, importer: str, end: str) -> str | None:
        """The file whose path ends so and that is nearest to the importer."""
        folder = posixpath.dirname(importer)
        key = (folder, end)
        if key not in self._known:
            named = self._named.get(end.rpartition("/")[2], ())
            self._known[key] = nearest([path for path in named if path == end or path.endswith("/" + end)], folder)
        return self._known[key]

    def called(self, importer: str, name: str) -> Sequence[str]:
        """The files of this name, the nearest first."""
        folder = posixpath.dirname(importer)
        return sorted(self._named.get(name, ()), key=lambda path: _rank(path, folder))[:_CANDIDATES]

    def files(self, folder: str, ends: tuple[str, ...]) -> Sequence[str]:
        return [path for path in self._folders.get(folder, ()) if path.endswith(ends)][:_MANY]

    def folders(self, end: str) -> Sequence[str]:
        """Folders with files whose path ends so."""
        known = self._ends.get(end.rpartition("/")[2], ())
        return [folder for folder in known if folder == end or folder.endswith("/" + end)]


def nearest(paths: Sequence[str], folder: str) -> str | None:
    return min(paths, key=lambda path: _rank(path, folder)) if paths else None


def _rank(path: str, folder: str) -> tuple[int, int, str]:
    """The more folders are shared with `folder`, the nearer; then the shorter path."""
    shared = 0
    for one, other in zip(path.split("/")[:-1], folder.split("/"), strict=False):
        if one != other:
            break
        shared += 1
    return -shared, path.count("/"), path
