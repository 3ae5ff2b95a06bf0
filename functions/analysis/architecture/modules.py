"""Files as modules with dotted names, and expressions that mean some of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

_ROOTS = ("src", "lib", "python", "source")
_PACKAGES = frozenset(("__init__", "index", "mod"))


class Names:
    """Names of the modules of one version, and of the folders above them.

    A name begins at the longest of `roots` that holds the file; without any, at the top of the version or at a
    folder there that is usually a root of sources.
    """

    def __init__(self, paths: Iterable[str], roots: Sequence[str] = ()) -> None:
        self._roots = sorted(roots or ("", *_ROOTS), key=len, reverse=True)
        self.of: dict[str, str] = {path: self._name(path) for path in sorted(paths)}
        self._paths: dict[str, list[str]] = defaultdict(list)
        for path, name in self.of.items():
            for end in _ends(name):
                self._paths[name[:end]].append(path)

    def under(self, module: str) -> frozenset[str]:
        """Paths of the module and of what lies in it."""
        return frozenset(self._paths.get(module, ()))

    def meant(self, expression: str) -> list[str]:
        """The modules that an expression means: `*` is one part of a name, `**` one or more."""
        if "*" not in expression:
            return [expression] if expression in self._paths else []
        matches = pattern(expression)
        return sorted(name for name in self._paths if matches.fullmatch(name))

    def _name(self, path: str) -> str:
        root = next((one for one in self._roots if not one or path.startswith(f"{one}/")), "")
        inner = path[len(root) :].lstrip("/")
        folder, _, file = inner.rpartition("/")
        stem = file.partition(".")[0] or file
        parts = [*(folder.split("/") if folder else ()), *(() if stem in _PACKAGES and folder else (stem,))]
        return ".".join(part.replace(".", "_") for part in parts)


def pattern(expression: str) -> re.Pattern[str]:
    parts = {"*": r"[^.]+", "**": r".+"}
    return re.compile(r"\.".join(parts.get(part, re.escape(part)) for part in expression.split(".")))


def is_under(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")


def _ends(name: str) -> list[int]:
    """Where the names of the packages above, and the name itself, end."""
    return [*(place for place, sign in enumerate(name) if sign == "."), len(name)]
