"""Which file of a version an import means.

Python: a package's root is the folder above its topmost `__init__.py`; a module outside packages is found from the
folders around it, as scripts find their neighbours. Among several the nearest to the importer wins, so that a
vendored copy or a fixture does not take the place of the real one. JavaScript and TypeScript: relative specifiers,
with extensions and `index` files tried in the order of bundlers.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from functions.analysis.resolution.places import Places

_PYTHON = (".py", ".pyi", ".pyw")
_SCRIPT = (".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_SOURCE_ROOTS = frozenset(("src", "lib", "python", "source"))
_FOLDER_NAMES = frozenset(("__init__", "index"))
_COMPILED = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}


class Modules:
    """Answers for one list of paths; a pure function of it."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.places = Places(paths)
        self.paths = self.places.paths
        self._packages = {
            posixpath.dirname(path)
            for path in self.paths
            if posixpath.basename(path) in ("__init__.py", "__init__.pyi")
        }
        self._named: dict[str, list[tuple[str, str, bool]]] = {}
        for path in sorted(self.paths):
            if path.endswith(_PYTHON):
                self._name(path)
        self._known: dict[tuple[str, str], str | None] = {}

    def python(self, importer: str, level: int, module: str) -> str | None:
        """The file of `module`, which is relative to the importer's package if `level` is not 0."""
        if level:
            return self._relative(importer, level, module)
        folder = posixpath.dirname(importer)
        key = (folder, module)
        if key not in self._known:
            self._known[key] = self._nearest(folder, module)
        found = self._known[key]
        return None if found == importer else found

    def child(self, package: str, name: str) -> str | None:
        """The module `name` in the package whose `__init__` file is `package`."""
        if not posixpath.basename(package).startswith("__init__."):
            return None
        return self._file(posixpath.join(posixpath.dirname(package), name))

    def script(self, importer: str, specifier: str) -> str | None:
        """The file that a relative specifier means; None for a package of the registry."""
        if not specifier.startswith("."):
            return None
        target = posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier))
        found = next((path for path in _script_candidates(target) if path in self.paths), None)
        return None if found == importer else found

    def _name(self, path: str) -> None:
        folder, _, name = path.rpartition("/")
        stem = name.rpartition(".")[0]
        root = at = self._root(folder)
        packaged = root != folder
        below = folder[len(root) :].strip("/").replace("/", ".")
        dotted = ".".join(part for part in (below, "" if stem == "__init__" else stem) if part)
        while dotted:
            self._named.setdefault(dotted, []).append((at, path, packaged and at == root))
            if not at:
                return
            at, _, above = at.rpartition("/")
            dotted = f"{above}.{dotted}"

    def _root(self, folder: str) -> str:
        while folder in self._packages and folder:
            folder = posixpath.dirname(folder)
        return folder

    def _relative(self, importer: str, level: int, module: str) -> str | None:
        folder = posixpath.dirname(importer)
        for _ in range(level - 1):
            if not folder:
                return None
            folder = posixpath.dirname(folder)
        found = self._file(posixpath.join(folder, *module.split("."))) if module else self._init(folder)
        return None if found == importer else found

    def _file(self, target: str) -> str | None:
        found = self._init(target)
        return found or next((target + end for end in _PYTHON if target + end in self.paths), None)

    def _init(self, folder: str) -> str | None:
        candidates = (posixpath.join(folder, name) for name in ("__init__.py", "__init__.pyi"))
        return next((path for path in candidates if path in self.paths), None)

    def _nearest(self, folder: str, module: str) -> str | None:
        candidates = [
            (_distance(root, folder), path.endswith(".pyi"), "__init__" not in path, len(path), path)
            for root, path, package in self._named.get(module, ())
            if package or _reaches(root, folder)
        ]
        return min(candidates)[-1] if candidates else None


def _reaches(root: str, folder: str) -> bool:
    """Whether code in `folder` finds what lies in `root` without its being a package."""
    if posixpath.basename(root) in _SOURCE_ROOTS:
        root = posixpath.dirname(root)
    return _within(root, folder)


def _within(root: str, folder: str) -> bool:
    return not root or folder == root or folder.startswith(root + "/")


def _distance(root: str, folder: str) -> tuple[bool, int]:
    shared = posixpath.commonpath((root, folder)) if root and folder else ""
    return not _within(root, folder), -len(shared)


def _script_candidates(target: str) -> Iterator[str]:
    stem, extension = posixpath.splitext(target)
    yield target
    for other in _COMPILED.get(extension, ()):
        yield stem + other
    for extension in _SCRIPT:
        yield target + extension
    for extension in _SCRIPT:
        yield f"{target}/index{extension}"


def stem(path: str) -> str:
    """The last name by which imports can mean a file: of a package, a module or an index, its folder's."""
    folder, _, name = path.rpartition("/")
    first = name.partition(".")[0]
    if name.endswith(".go"):
        return folder.rpartition("/")[2] or "."
    return folder.rpartition("/")[2] if first in _FOLDER_NAMES or name == "mod.rs" else first
