"""The graph follows the version: only files whose links can have changed are resolved again and written.

Held in memory are names and edges, never sources, findings or metrics.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from functions.analysis.graph import Difference
from functions.analysis.lifecycle import Analysis, GraphState
from functions.analysis.ports import Deps, Work
from functions.analysis.resolution.linking import Linked, Linker
from functions.analysis.resolution.modules import Modules, stem
from functions.analysis.resolution.names import Names, names_of
from kernel.errors import Unavailable
from kernel.identity import Caller

_ALL_NAMES_FROM = 200  # files to link, from which on it is quicker to load the names of all
_INITS = ("__init__.py", "__init__.pyi")


def update(deps: Deps, caller: Caller, analysis: Analysis, hold: Callable[[], None]) -> GraphState:
    """Bring the project's graph to this version, unless a newer one is in it or the store is down."""
    try:
        deps.graph.ready()
        with deps.work(caller) as work:
            clean = work.graphs.begin(analysis)
        if clean is None:
            return GraphState.SUPERSEDED
        if not clean:
            deps.graph.wipe(analysis.org_id, analysis.project_id)
        _write(deps, caller, analysis, hold, fresh=not clean)
    except Unavailable as down:
        if down.message != "graph":
            raise
        return GraphState.UNAVAILABLE
    return GraphState.WRITTEN


def _write(deps: Deps, caller: Caller, analysis: Analysis, hold: Callable[[], None], *, fresh: bool) -> None:
    with deps.work(caller) as work:
        files, written = work.graphs.files(analysis), work.graphs.written(analysis.project_id)
        gone = [path for path in written if path not in files]
        dirty = _dirty(work, analysis.project_id, files, written)
        linked = dict(_link(work, files, dirty))
        before = {path: known for path, (_, known) in work.graphs.known(analysis.project_id, [*linked, *gone]).items()}
    difference = _difference(before, linked, gone, fresh=fresh)
    if difference:
        deps.graph.write(analysis.org_id, analysis.project_id, difference, hold)
    with deps.work(caller) as work:
        work.graphs.forget(analysis.project_id, gone)
        work.graphs.store(analysis.project_id, ((path, files[path], one) for path, one in linked.items()))
        work.graphs.end(analysis)


def _difference(
    before: Mapping[str, Linked], linked: Mapping[str, Linked], gone: Iterable[str], *, fresh: bool
) -> Difference:
    difference = Difference(fresh)
    for path in gone:
        difference.remove(path, before[path])
    for path, after in linked.items():
        difference.add(path, before.get(path), after)
    return difference


def _dirty(work: Work, project_id: str, files: Mapping[str, int], written: Mapping[str, int]) -> set[str]:
    """Files that have changed, and those whose links were found with names or paths that have changed."""
    came, gone = files.keys() - written.keys(), written.keys() - files.keys()
    if any(posixpath.basename(path) in _INITS for path in came | gone):
        return set(files)  # the names of all modules below a new or lost package are others
    changed = [path for path in files.keys() & written.keys() if files[path] != written[path]]
    seen = [path for path in changed if _noticed(work, written[path], files[path])]
    dirty = {*came, *changed, *work.graphs.dependants(project_id, consulted=seen, stems=())}
    if came or gone:
        dirty |= _concerned(work, project_id, came, gone)
    return dirty & files.keys()


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


def _link(work: Work, files: Mapping[str, int], dirty: Collection[str]) -> Iterator[tuple[str, Linked]]:
    tables = _NameTables(work, files)
    paths: dict[int, list[str]] = defaultdict(list)
    for path in sorted(dirty):
        paths[files[path]].append(path)
    tables.load(files.values() if len(paths) >= _ALL_NAMES_FROM else paths)
    linker = Linker(Modules(files), tables.get)
    for result_id, calls in work.results.calls(list(paths)):
        for path in paths[result_id]:
            yield path, linker.link(path, tables.of(result_id), calls)


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
