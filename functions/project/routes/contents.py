"""The content of one file of a version, and archives of all."""

from __future__ import annotations

from http import HTTPStatus

from functions.project.exports import Export, Making
from functions.project.ports import Deps
from functions.project.routes.versions import version_of
from functions.project.schemas.contents import ArchiveQuery, ContentOut, ContentQuery, VersionArchiveOut
from functions.project.service import exporting, showing
from kernel.http import Answer, Application, endpoint
from kernel.identity import Caller
from kernel.pages import Id

EXPORT = "project-export"
SECOND = "private, no-cache"  # may be kept, and is asked for each time: by who may still read it


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/versions/{version_id}/content", methods=["GET"])
    @endpoint(app)
    def get_content(
        version_id: Id, query: ContentQuery, caller: Caller, if_none_match: str | None
    ) -> ContentOut | Answer:
        """Get one file's text; one of more than 1 MB answers 413: download the archive."""
        deps.permissions.require(caller, "project.read")
        file = showing.find(deps, version_of(deps, caller, version_id), query.path)
        headers = {"ETag": f'"{file.sha256}"', "Cache-Control": SECOND}
        if if_none_match == file.sha256:
            return Answer(None, HTTPStatus.NOT_MODIFIED, headers)
        return Answer(ContentOut.of(file, showing.text_of(deps, file)), headers=headers)

    @app.route("/v1/versions/{version_id}/archive", methods=["GET"])
    @endpoint(app)
    def get_archive(version_id: Id, query: ArchiveQuery, caller: Caller) -> VersionArchiveOut | Answer:
        """Get an address that downloads all files (200); until the archive is made, 202: ask again."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            export, is_new = exporting.ask(work, version_id=version_id, format=query.format)
        if is_new:
            deps.nudge(EXPORT)
        if export.state is Making.WAITING:
            return Answer(VersionArchiveOut.of(export, None), HTTPStatus.ACCEPTED, {"Retry-After": "1"})
        return VersionArchiveOut.of(export, _url(deps, export))


def _url(deps: Deps, export: Export) -> str:
    name = f"{export.tree_sha256[:12]}.{export.format}"
    return deps.store.presigned_get(export.key, filename=name)
