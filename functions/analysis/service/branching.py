"""Graphs of branches: each holds the files that differ from the main line, through which all others show.

A branch is written whole each time, as it is small. When the main line moves, a branch first takes over what the
main line still has of the files that move, so that its answers stay those of its own version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from functions.analysis.codeowners import Owners
from functions.analysis.graph import MAIN, Difference, Part, Scope, folders_of
from functions.analysis.lifecycle import Analysis
from functions.analysis.ports import Deps
from functions.analysis.repositories import Line, OwnersFile
from functions.analysis.service.owning import owners_file
from functions.analysis.service.resolving import dirty, resolve
from kernel.identity import Caller

MOST_BRANCHES = 8  # graphs of branches that a project keeps: the newest
MOST_PRESERVED = 2_000  # files; a main line that moves further lets the graphs of its branches go


@dataclass(frozen=True, slots=True)
class _Overlay:
    """`own` are the parts in which a branch differs, `missing` the files of the main line that it does not have."""

    files: Mapping[str, int]
    own: Mapping[str, Part]
    missing: Sequence[str]
    owners: OwnersFile | None
    based: bool


def write(deps: Deps, caller: Caller, analysis: Analysis, line: str, hold: Callable[[], None]) -> None:
    """Write the branch's graph anew, upon the main line as it is now. Raises Unavailable."""
    scope = Scope(analysis.org_id, analysis.project_id, line)
    deps.graph.wipe_line(scope)
    overlay = _overlay(deps, caller, analysis)
    deps.graph.write(scope, _whole(overlay.own, fresh=True), hold)
    with deps.work(caller) as work:
        work.graphs.renew(analysis.project_id, line)
        rows = ((path, overlay.files[path], part) for path, part in overlay.own.items())
        work.graphs.store(analysis.project_id, line, rows)
        work.graphs.hide(analysis.project_id, line, overlay.missing)
        modules = len(folders_of(overlay.files))
        work.graphs.end(analysis, line, modules=modules, based=overlay.based, owners=overlay.owners)
        beyond = work.graphs.branches(analysis.project_id)[MOST_BRANCHES:]
    _drop(deps, caller, analysis, beyond)


def _overlay(deps: Deps, caller: Caller, analysis: Analysis) -> _Overlay:
    """GitHub asks the base of a pull request who owns a file, and so does a branch that has one."""
    own_file, project_id = owners_file(deps, caller, analysis), analysis.project_id
    with deps.work(caller) as work:
        main = work.graphs.line(project_id, MAIN)
        based = main is not None and main.clean
        files = work.graphs.files(analysis)
        written = work.graphs.written(project_id) if based else {}
        owners = work.graphs.owners(project_id, MAIN) if based else own_file
        wanted = dirty(work, project_id, files, written) if based else files.keys()
        parts = dict(resolve(work, files, wanted, Owners(owners.text if owners else "")))
        known = work.graphs.known(project_id, list(parts)) if based else {}
    differing = {path: part for path, part in parts.items() if known.get(path) != part.plain}
    return _Overlay(files, differing, sorted(written.keys() - files.keys()), owners, based)


def _whole(parts: Mapping[str, Part], *, fresh: bool) -> Difference:
    difference = Difference(fresh)
    for path, part in sorted(parts.items()):
        difference.add(path, None, part)
    difference.move_folders((), parts)
    return difference


def preserve(
    deps: Deps,
    caller: Caller,
    analysis: Analysis,
    before: Mapping[str, Part],
    touched: Sequence[str],
    hold: Callable[[], None],
) -> list[str]:
    """Give the branches what the main line has of the files that it is about to change; return their lines.

    The same a second time changes nothing.
    """
    project_id = analysis.project_id
    with deps.work(caller) as work:
        branches = [line for line in work.graphs.branches(project_id) if line.based] if touched else []
        hidden = {line.name: set(work.graphs.hidden(project_id, line.name)) for line in branches if line.clean}
    if len(touched) > MOST_PRESERVED:
        hidden = {}
    _drop(deps, caller, analysis, [line for line in branches if line.name not in hidden])
    for line, paths in hidden.items():
        kept = {path: before[path] for path in touched if path in before and path not in paths}
        if kept:
            scope = Scope(analysis.org_id, project_id, line)
            deps.graph.write(scope, _whole(kept, fresh=False), hold)
    return list(hidden)


def drop_based(deps: Deps, caller: Caller, analysis: Analysis) -> None:
    """Let go the branches through which a main line shows that is to be written anew."""
    with deps.work(caller) as work:
        branches = [line for line in work.graphs.branches(analysis.project_id) if line.based]
    _drop(deps, caller, analysis, branches)


def _drop(deps: Deps, caller: Caller, analysis: Analysis, lines: Sequence[Line]) -> None:
    for line in lines:
        with deps.work(caller) as work:
            work.graphs.doubt(analysis.project_id, line.name)
        deps.graph.wipe_line(Scope(analysis.org_id, analysis.project_id, line.name))
        with deps.work(caller) as work:
            work.graphs.drop(analysis.project_id, line.name)
