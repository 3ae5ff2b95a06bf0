"""What differs between two versions."""

from __future__ import annotations

from functions.project.ports import Deps
from functions.project.schemas.diffs import DiffOut, DiffQuery
from functions.project.schemas.files import cursor_after
from functions.project.service import diffing
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/versions/{version_id}/diff", methods=["GET"])
    @endpoint(app)
    def diff_versions(version_id: Id, query: DiffQuery, caller: Caller) -> DiffOut:
        """Compare a version with another of its project: files by path with counted lines, or one file's lines."""
        deps.permissions.require(caller, "project.read")
        comparison = diffing.compare(deps, caller, version_id=version_id, against=query.against)
        if query.path is not None:
            return DiffOut.of(comparison, [diffing.one(deps, comparison, query.path)], None)
        items, more = diffing.page(deps, comparison, after=query.after, limit=query.limit)
        return DiffOut.of(comparison, items, cursor_after(items[-1].change.path) if more else None)
