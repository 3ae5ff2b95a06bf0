"""From the links of a file to its part in the graph: what its imports bind, what it tests, who owns it.

A test is about the file that it is named after, if it imports that one or lies beside it or there is only one of
that name; otherwise about whatever it imports that is no test.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from functions.analysis.codeowners import Owners
from functions.analysis.engines.languages import detect
from functions.analysis.graph import Part
from functions.analysis.model import Form
from functions.analysis.resolution.linking import Linked
from functions.analysis.resolution.modules import Modules, stem
from functions.analysis.resolution.names import PYTHON, SCRIPTS, Names

_AFFIXES = re.compile(
    r"^(?:tests?_(?P<a>.+)|(?P<b>.+?)[_-](?:tests?|spec)|Tests?(?P<c>[A-Z].*)|(?P<d>.+?)(?:Tests?|Spec|IT))$"
)
_INFIX = re.compile(r".\.(?:test|spec)\.")
_FOLDERS = frozenset(("__init__", "index", "mod"))
_MOST_TESTED = 20
_MOST_NAMES = 200  # bound by one import, and external modules of one file


class Parts:
    """Makes the parts of the files of one version."""

    def __init__(self, modules: Modules, paths: Iterable[str], owners: Owners) -> None:
        self._modules, self._owners = modules, owners
        self._called: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            self._called[called(path)].append(path)

    def of(self, path: str, own: Names, linked: Linked) -> Part:
        subject = subject_of(path)
        tests: tuple[str, ...] = ()
        if is_test(path):
            tests = self._tested(path, subject, linked)
            linked = replace(linked, stems=linked.stems | {subject or called(path), stem(path)})
        names, externals = self._imported(path, own, frozenset(linked.imports))
        return Part(linked, names, tests, self._owners.of(path), externals)

    def _tested(self, path: str, subject: str | None, linked: Linked) -> tuple[str, ...]:
        called_so = (one for one in sorted(self._called.get(subject or "", ())) if one != path)
        named = [one for one in called_so if _family(one) == _family(path) and not is_test(one)]
        imported = frozenset(linked.imports)
        chosen = [one for one in named if one in imported] or _beside(path, named)
        if not chosen:
            chosen = [one for one in linked.imports if not is_test(one)]
        return tuple(chosen[:_MOST_TESTED])

    def _imported(
        self, path: str, own: Names, imports: Collection[str]
    ) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...]]:
        bound: dict[str, set[str]] = defaultdict(set)
        externals: set[str] = set()
        for module, level, names in own.imports:
            target = self._module(path, own.language, module, level)
            if target in imports:
                bound[target or ""].update(names)
            elif target is None and not level and not self._is_inside(path, own.language, module, names):
                externals.add(module)
        rows = sorted((target, tuple(sorted(names)[:_MOST_NAMES])) for target, names in bound.items() if names)
        return tuple(rows), tuple(sorted(externals)[:_MOST_NAMES])

    def _module(self, path: str, language: str, module: str, level: int) -> str | None:
        if language == PYTHON:
            return self._modules.python(path, level, module)
        return self._modules.script(path, module) if language in SCRIPTS else None

    def _is_inside(self, path: str, language: str, module: str, names: Iterable[str]) -> bool:
        """A folder without `__init__` is a module of which only what lies in it can be found."""
        if language in SCRIPTS:
            return module.startswith(".")
        if language != PYTHON:
            return True
        return any(self._modules.python(path, 0, f"{module}.{name}") for name in names)


def _family(path: str) -> str:
    language = detect(path, b"").name
    return "script" if language in SCRIPTS else language


def is_test(path: str) -> bool:
    return detect(path, b"").form is Form.TEST


def called(path: str) -> str:
    """The name that tests of a file take up: of a package or an index, its folder's."""
    folder, _, name = path.rpartition("/")
    first = name.partition(".")[0]
    return folder.rpartition("/")[2] if first in _FOLDERS else first


def subject_of(path: str) -> str | None:
    """The stem of the file that a test is named after."""
    if _INFIX.search(path.rpartition("/")[2]):
        return called(path)
    found = _AFFIXES.match(called(path))
    return next(_given(found.groups())) if found else None


def _given(groups: Iterable[str | None]) -> Iterator[str]:
    return (group for group in groups if group)


def _beside(path: str, named: list[str]) -> list[str]:
    """Those in the same folder, or the only one there is; Go's tests lie beside what they test."""
    folder = path.rpartition("/")[0]
    near = [one for one in named if one.rpartition("/")[0] == folder]
    return near or (named if len(named) == 1 and not path.endswith(".go") else [])
