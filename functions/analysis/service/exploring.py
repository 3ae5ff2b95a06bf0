"""Questions of users to the graph. Each answer says of which version it is, and what became of the asked one.

The graph of a line is that of the newest version merged into it: an older analysis gets answers about that one, and
is told so. Answers while a version is being written may be of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.analysis.codeowners import Owners, Rule
from functions.analysis.graph import MAIN, Answered, EdgeKind, Link, Scope, Size, Symbol, View
from functions.analysis.lifecycle import Analysis, GraphState
from functions.analysis.ports import Deps, Work
from functions.analysis.reach import LINKS, Cycle, describe, require_file
from functions.analysis.repositories import Line
from functions.analysis.service.graphing import line_in
from functions.analysis.stores import Asked
from kernel.errors import NotFound
from kernel.identity import Caller

MOST_IMPORTS = 150_000  # that are looked at for cycles
MOST_CYCLES = 50
MOST_NODES = 60
MOST_EDGES = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What is to be asked, of which version it is, and how much it holds."""

    view: View
    version_id: str
    analysis_id: str
    state: Answered
    size: Size


def seen(deps: Deps, caller: Caller, analysis_id: str) -> Seen:
    """The graph that answers for an analysis. Raises NotFound, also if there is none (any more), and Unavailable."""
    with deps.work(caller) as work:
        analysis = work.analyses.get(analysis_id)
        line = work.graphs.line(analysis.project_id, line_in(analysis))
        found = _seen(work, analysis, line) if line is not None and line.counts else None
    if found is not None:
        return found
    if analysis.graph is GraphState.UNAVAILABLE:
        deps.graph.reach()
    raise NotFound(_without(analysis), code="no_graph", analysis_id=analysis_id)


def _seen(work: Work, analysis: Analysis, line: Line) -> Seen:
    project_id, scope = analysis.project_id, Scope(analysis.org_id, analysis.project_id, line.name)
    main = work.graphs.line(project_id, MAIN) if line.based else None
    hidden = tuple(work.graphs.hidden(project_id, line.name)) if line.based else ()
    view = View(scope, scope._replace(line=MAIN) if line.based else None, hidden)
    state = _state(work, analysis, [one for one in (line, main) if one is not None])
    return Seen(view, line.version_id, line.analysis_id, state, Size.of(line.counts or {}))


def _state(work: Work, analysis: Analysis, lines: Sequence[Line]) -> Answered:
    """A write whose analysis is over was cut off by a store that went down."""
    for line in lines:
        if not line.clean:
            return Answered.UNAVAILABLE if work.analyses.get(line.analysis_id).over else Answered.WRITING
    if lines[0].analysis_id == analysis.id:
        return Answered.WRITTEN
    return Answered.UNAVAILABLE if analysis.graph is GraphState.UNAVAILABLE else Answered.SUPERSEDED


def _without(analysis: Analysis) -> str:
    if analysis.main or analysis.graph in (GraphState.PENDING, GraphState.UNAVAILABLE):
        return "there is no graph yet"
    return "the graph of this branch is not kept any more: publish the branch again"


def cycles(deps: Deps, asked: Asked, *, folders: bool) -> tuple[list[Cycle], bool]:
    """Files, or folders, that depend on each other in a ring; the largest first."""
    edges = asked.imports(MOST_IMPORTS + 1)
    cut = len(edges) > MOST_IMPORTS
    if folders:
        pairs = ((source.rpartition("/")[0] or ".", target.rpartition("/")[0] or ".") for source, target in edges)
        edges = sorted({pair for pair in pairs if pair[0] != pair[1]})
    found = deps.components.cycles(edges)
    return [describe(one, edges) for one in found[:MOST_CYCLES]], cut or len(found) > MOST_CYCLES


@dataclass(frozen=True, slots=True)
class Surroundings:
    nodes: list[Symbol]
    edges: list[Link]
    owners: list[str]
    truncated: bool


def neighbours(asked: Asked, path: str, name: str) -> Surroundings:
    """What touches a file, or a symbol of it, directly. Raises NotFound."""
    require_file(asked, path)
    if name and all(one.name != name for one in asked.symbols(path, LINKS)):
        raise NotFound("the graph has no such symbol", path=path, symbol=name)
    centre = Symbol(path, name)
    links = asked.into([centre], MOST_EDGES + 1) + asked.out_of([centre], MOST_EDGES + 1)
    ranked = sorted(set(links), key=lambda one: (one.kind is EdgeKind.CALLS, -one.times, *one[:5]))
    nodes, edges = [centre], []
    for link in ranked[:MOST_EDGES]:
        fresh = [one for one in dict.fromkeys(link.ends) if one not in nodes]
        if len(nodes) + len(fresh) <= MOST_NODES:
            nodes += fresh
            edges.append(link)
    return Surroundings(nodes, edges, asked.owners(path, MOST_NODES), len(edges) < len(ranked))


def owner_of(deps: Deps, caller: Caller, seen: Seen, path: str) -> tuple[Rule | None, str | None]:
    """The rule that decides on a path, and the file that holds the rules. None where there is none."""
    with deps.work(caller) as work:
        found = work.graphs.owners(seen.view.scope.project_id, seen.view.scope.line)
    return (Owners(found.text).rule(path), found.path) if found is not None else (None, None)
