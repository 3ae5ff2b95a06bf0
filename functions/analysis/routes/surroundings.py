"""Questions to the graph about single files: who owns them, what touches them, what in them nothing uses."""

from __future__ import annotations

from functions.analysis.ports import Deps
from functions.analysis.schemas import graph as shown
from functions.analysis.service import exploring, unused
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id

_PATH = "/v1/analyses/{analysis_id}/graph"


def add(app: Application, deps: Deps) -> None:
    def seen(caller: Caller, analysis_id: str) -> exploring.Seen:
        deps.permissions.require(caller, "analysis.read")
        return exploring.seen(deps, caller, analysis_id)

    @app.route(f"{_PATH}/dead-code", methods=["GET"])
    @endpoint(app)
    def get_dead_code(analysis_id: Id, caller: Caller) -> shown.DeadCodeOut:
        """List candidates for dead code with the reason of each, private ones first."""
        found = seen(caller, analysis_id)
        candidates = unused.unused(deps, caller, found)
        items = [shown.UnusedOut.model_validate(one._asdict()) for one in candidates.items]
        said = {"looked_at": candidates.looked_at, "truncated": candidates.truncated}
        return shown.DeadCodeOut(version_id=found.version_id, state=found.state, items=items, **said)

    @app.route(f"{_PATH}/owners", methods=["GET"])
    @endpoint(app)
    def get_owners(analysis_id: Id, query: shown.OwnersQuery, caller: Caller) -> shown.OwnersOut:
        """Say who owns a path, by which line of CODEOWNERS."""
        found = seen(caller, analysis_id)
        rule, file = exploring.owner_of(deps, caller, found, query.path)
        decided = {"owners": rule.owners, "line": rule.line, "pattern": rule.pattern} if rule else {"owners": []}
        said = {"line": None, "pattern": None, **decided, "file": file, "path": query.path}
        return shown.OwnersOut(version_id=found.version_id, state=found.state, **said)

    @app.route(f"{_PATH}/neighbours", methods=["GET"])
    @endpoint(app)
    def get_neighbours(analysis_id: Id, query: shown.NeighboursQuery, caller: Caller) -> shown.NeighboursOut:
        """Show what touches a file or a symbol directly, with at most 60 nodes."""
        found = seen(caller, analysis_id)
        around = exploring.neighbours(deps.graph.ask(found.view), query.path, query.symbol or "")
        ids = {node: str(number) for number, node in enumerate(around.nodes)}
        nodes = [shown.NodeOut(id=ids[node], path=node.path, symbol=node.name) for node in around.nodes]
        edges = [
            shown.EdgeOut(kind=edge.kind, source=ids[edge.ends[0]], target=ids[edge.ends[1]], times=edge.times)
            for edge in around.edges
        ]
        said = {"owners": around.owners, "truncated": around.truncated}
        return shown.NeighboursOut(version_id=found.version_id, state=found.state, nodes=nodes, edges=edges, **said)
