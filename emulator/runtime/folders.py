"""Which files are a function's code: what is watched, and what of it matters."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from emulator.template import Function

_NO_CODE = re.compile(
    r"\..*|.*~|.*\.(?:py[co]|sw[a-z]|tmp|log|sqlite(?:-\w+)?)|#.*#|4913|__pycache__|node_modules|.*\.egg-info"
)
"""Names of files and folders that editors, tools and interpreters write beside the code."""


class Folders:
    """The folders of all functions' code, without environments, caches and the emulator's own data."""

    def __init__(self, functions: Iterable[Function], ignored: Collection[Path]) -> None:
        self._ignored = {path.resolve() for path in ignored}
        self._roots = {function.name: roots(function) for function in functions}

    def all(self) -> set[Path]:
        """Return every folder to watch, each by itself."""
        found: set[Path] = set()
        for root in {root for of_one in self._roots.values() for root in of_one}:
            found.update(self.below(root))
        return found

    def below(self, root: Path) -> Iterator[Path]:
        """Yield a folder and those in it that may hold code."""
        for place, folders, _ in os.walk(root):
            folders[:] = [name for name in folders if self.may_hold_code(Path(place, name))]
            yield Path(place)

    def is_code(self, path: Path) -> bool:
        """Tell whether a changed file in a watched folder matters."""
        return not _NO_CODE.fullmatch(path.name)

    def functions_with(self, paths: Collection[Path]) -> set[str]:
        """Return the functions whose code has one of these files."""
        return {
            name
            for name, of_one in self._roots.items()
            for root in of_one
            if any(path.is_relative_to(root) for path in paths)
        }

    def may_hold_code(self, folder: Path) -> bool:
        """Tell whether a folder in a watched one is to be watched, too."""
        known = _NO_CODE.fullmatch(folder.name) or folder in self._ignored
        return not known and not (folder / "pyvenv.cfg").exists()

    def newer(self, than: float) -> set[Path]:
        """Return the files of code that changed after a moment, in seconds since 1970."""
        found = set()
        for folder in self.all():
            for file in folder.iterdir():
                if self.is_code(file) and file.is_file() and file.stat().st_mtime >= than:
                    found.add(file)
        return found


def roots(function: Function) -> tuple[Path, ...]:
    """Return the folders whose files a function may load."""
    return tuple(folder.resolve() for folder in (function.task_root, *function.layers))
