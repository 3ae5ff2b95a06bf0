"""Files of a version."""

from __future__ import annotations

import bisect

from functions.project.manifests import files_of
from functions.project.ports import Deps
from functions.project.routes.versions import version_of
from functions.project.schemas.files import VersionFileOut, VersionFileQuery, cursor_after
from kernel.http import Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/versions/{version_id}/files", methods=["GET"])
    @endpoint(app)
    def list_files(version_id: Id, query: VersionFileQuery, caller: Caller) -> Page[VersionFileOut]:
        """List the files of a version by path."""
        deps.permissions.require(caller, "project.read")
        manifest = deps.store.get(version_of(deps, caller, version_id).manifest_key)
        files = list(files_of(manifest))
        first = bisect.bisect_right(files, query.after, key=lambda file: file.path)
        items = [VersionFileOut.of(file) for file in files[first : first + query.limit]]
        more = first + query.limit < len(files)
        return Page(items=items, next_cursor=cursor_after(items[-1].path) if more else None)
