"""The graph follows the version: only files whose links can have changed are resolved again and written.

The main line holds the newest of its versions. A branch holds what differs from the main line (see `branching`),
so that its cost follows its difference, and never touches the main line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from functions.analysis.codeowners import Owners
from functions.analysis.graph import MAIN, Difference, Part, Scope, folders_of, line_of
from functions.analysis.lifecycle import Analysis, GraphState
from functions.analysis.ports import Deps, Work
from functions.analysis.repositories import OwnersFile
from functions.analysis.service import branching
from functions.analysis.service.owning import owners_file
from functions.analysis.service.resolving import dirty, resolve
from kernel.errors import Unavailable
from kernel.identity import Caller

_AT_ONCE = 2_000  # known parts in memory while owners are compared


def line_in(analysis: Analysis) -> str:
    """The line that the analysis writes; a version that is of no branch has one of its own."""
    return MAIN if analysis.main else line_of(analysis.branch or analysis.version_id)


def update(deps: Deps, caller: Caller, analysis: Analysis, hold: Callable[[], None]) -> GraphState:
    """Bring the analysis' line to its version, unless a newer one is in it or the store is down."""
    line = line_in(analysis)
    try:
        deps.graph.ready()
        with deps.work(caller) as work:
            clean = work.graphs.begin(analysis, line)
        if clean is None:
            return GraphState.SUPERSEDED
        if line == MAIN:
            _write(deps, caller, analysis, hold, fresh=not clean)
        else:
            branching.write(deps, caller, analysis, line, hold)
    except Unavailable as down:
        if down.message != "graph":
            raise
        return GraphState.UNAVAILABLE
    return GraphState.WRITTEN


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of the main line. `owned` are files that are as they were, but for their owners."""

    files: Mapping[str, int]
    written: Mapping[str, int]
    before: Mapping[str, Part]
    resolved: Mapping[str, Part]
    owned: Mapping[str, Part]
    gone: Collection[str]
    owners: OwnersFile | None

    @property
    def touched(self) -> list[str]:
        """Files of which the main line will hold something else than before."""
        differ = (path for path, part in self.resolved.items() if self.before.get(path) != part.plain)
        return sorted({*differ, *self.owned, *self.gone})

    def difference(self, *, fresh: bool) -> Difference:
        found = Difference(fresh)
        for path in self.gone:
            found.remove(path, self.before[path])
        for path, part in sorted({**self.resolved, **self.owned}.items()):
            found.add(path, self.before.get(path), part)
        found.move_folders(self.written, self.files)
        return found


def _write(deps: Deps, caller: Caller, analysis: Analysis, hold: Callable[[], None], *, fresh: bool) -> None:
    scope = Scope(analysis.org_id, analysis.project_id)
    if fresh:
        branching.drop_based(deps, caller, analysis)
        deps.graph.wipe_line(scope)
        with deps.work(caller) as work:
            work.graphs.wiped(analysis, MAIN)
    change = _change(deps, caller, analysis)
    preserved = branching.preserve(deps, caller, analysis, change.before, change.touched, hold)
    if difference := change.difference(fresh=fresh):
        deps.graph.write(scope, difference, hold)
    with deps.work(caller) as work:
        for line in preserved:
            work.graphs.preserve(analysis.project_id, line, change.touched)
        _store(work, analysis, change)


def _store(work: Work, analysis: Analysis, change: _Change) -> None:
    work.graphs.forget(analysis.project_id, list(change.gone))
    rows = ((path, change.files[path], part) for path, part in change.resolved.items())
    work.graphs.store(analysis.project_id, MAIN, rows)
    work.graphs.restate(analysis.project_id, change.owned)
    work.graphs.end(analysis, MAIN, modules=len(folders_of(change.files)), owners=change.owners)


def _change(deps: Deps, caller: Caller, analysis: Analysis) -> _Change:
    owners, project_id = owners_file(deps, caller, analysis), analysis.project_id
    rules = Owners(owners.text if owners else "")
    with deps.work(caller) as work:
        files, written = work.graphs.files(analysis), work.graphs.written(project_id)
        resolved = dict(resolve(work, files, dirty(work, project_id, files, written), rules))
        gone = sorted(path for path in written if path not in files)
        before = work.graphs.known(project_id, [*resolved, *gone])
        line, owned = work.graphs.line(project_id, MAIN), dict[str, Part]()
        if line is not None and line.owners_sha256 != (owners and owners.sha256):
            for path, was, now in _owned_anew(work, project_id, sorted(files.keys() - resolved.keys()), rules):
                before[path], owned[path] = was, now
    return _Change(files, written, before, resolved, owned, gone, owners)


def _owned_anew(work: Work, project_id: str, paths: list[str], rules: Owners) -> Iterator[tuple[str, Part, Part]]:
    """Path, part as it was, part with the owners that it has now."""
    for start in range(0, len(paths), _AT_ONCE):
        for path, part in sorted(work.graphs.known(project_id, paths[start : start + _AT_ONCE]).items()):
            if (owners := rules.of(path)) != part.owners:
                yield path, part, replace(part, owners=owners)
