"""Which files of a version have to be resolved again, and what they then put into the graph.

Held in memory are names and edges, never sources, findings or metrics.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from functions.analysis.codeowners import Owners
from functions.analysis.graph import Part
from functions.analysis.parts import Parts
from functions.analysis.ports import Work
from functions.analysis.resolution.linking import Linker
from functions.analysis.resolution.modules import Modules, stem
from functions.analysis.resolution.names import Names, names_of

_ALL_NAMES_FROM = 200  # files to link, from which on it is quicker to load the names of all
_INITS = ("__init__.py", "__init__.pyi")


def dirty(work: Work, project_id: str, files: Mapping[str, int], written: Mapping[str, int]) -> set[str]:
    """Files that differ from the main line's, and those whose links were found with names or paths that differ."""
    came, gone = files.keys() - written.keys(), written.keys() - files.keys()
    if any(posixpath.basename(path) in _INITS for path in came | gone):
        return set(files)  # the names of all modules below a new or lost package are others
    changed = [path for path in files.keys() & written.keys() if files[path] != written[path]]
    seen = [path for path in changed if _noticed(work, written[path], files[path])]
    concerned = {*came, *changed, *work.graphs.dependants(project_id, consulted=seen, stems=())}
    if came or gone:
        concerned |= _concerned(work, project_id, came, gone)
    return concerned & files.keys()


def _concerned(work: Work, project_id: str, came: Collection[str], gone: Collection[str]) -> set[str]:
    """Files whose imports may mean a file that came or went, and files that looked through those."""
    inits = [posixpath.join(posixpath.dirname(path), name) for path in came for name in _INITS]
    stems = {stem(path) for path in (*came, *gone)}
    direct = work.graphs.dependants(project_id, consulted=[*inits, *gone], stems=sorted(stems))
    return direct | work.graphs.dependants(project_id, consulted=sorted(direct), stems=())


def _noticed(work: Work, before: int, after: int) -> bool:
    """Whether other files can notice the difference between two contents."""
    names = {result_id: names_of(outline) for result_id, outline in work.results.outlines([before, after])}
    return before not in names or names[before].visible != names[after].visible


def resolve(
    work: Work, files: Mapping[str, int], wanted: Collection[str], owners: Owners
) -> Iterator[tuple[str, Part]]:
    """The parts of the files `wanted` among all `files` of a version."""
    tables = _NameTables(work, files)
    paths: dict[int, list[str]] = defaultdict(list)
    for path in sorted(wanted):
        paths[files[path]].append(path)
    tables.load(files.values() if len(paths) >= _ALL_NAMES_FROM else paths)
    modules = Modules(files)
    linker, parts = Linker(modules, tables.get), Parts(modules, files, owners)
    for result_id, calls in work.results.calls(list(paths)):
        for path in paths[result_id]:
            own = tables.of(result_id)
            yield path, parts.of(path, own, linker.link(path, own, calls))


class _NameTables:
    """Names by content, loaded when first asked for."""

    def __init__(self, work: Work, files: Mapping[str, int]) -> None:
        self._results, self._files = work.results, files
        self._names: dict[int, Names] = {}

    def load(self, result_ids: Iterable[int]) -> None:
        for result_id, outline in self._results.outlines(list(dict.fromkeys(result_ids))):
            self._names[result_id] = names_of(outline)

    def of(self, result_id: int) -> Names:
        if result_id not in self._names:
            self.load([result_id])
        return self._names[result_id]

    def get(self, path: str) -> Names | None:
        return self.of(self._files[path]) if path in self._files else None
