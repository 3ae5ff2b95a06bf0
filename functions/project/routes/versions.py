"""Versions: published once, never changed."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from functions.project.model import Version
from functions.project.ports import Deps, Work
from functions.project.schemas.versions import NewVersion, VersionOut
from functions.project.service.publishing import Published, Wanted, publish
from kernel.http import Answer, Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, PageQuery, page_of


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/projects/{project_id}/versions", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def publish_version(project_id: Id, body: NewVersion, caller: Caller, once: Once) -> VersionOut | Answer:
        """Publish files whose blobs are stored: 201, or 200 with the version that holds exactly this already."""
        deps.permissions.require(caller, "project.publish")
        about = body.model_dump(exclude={"files"})
        wanted = Wanted(project_id, body.listed(), author=caller.user_id, **about)
        status = HTTPStatus.CREATED

        def conclude(work: Work, commit: Callable[[], Published]) -> VersionOut:
            def made() -> VersionOut:
                nonlocal status
                published = commit()
                status = HTTPStatus.CREATED if published.is_new else HTTPStatus.OK
                return VersionOut.of(published.version)

            return once(work, VersionOut, made)

        version = publish(deps, caller, wanted, conclude)
        return Answer(version, status=status)

    @app.route("/v1/projects/{project_id}/versions", methods=["GET"])
    @endpoint(app)
    def list_versions(project_id: Id, query: PageQuery, caller: Caller) -> Page[VersionOut]:
        """List a project's versions, newest first."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            project = work.projects.get(project_id)
            found = work.versions.page(project.id, after=query.after, limit=query.limit + 1)
        return page_of(found, query, VersionOut.of)

    @app.route("/v1/versions/{version_id}", methods=["GET"])
    @endpoint(app)
    def getversion_of(version_id: Id, caller: Caller) -> VersionOut:
        """Get one version."""
        deps.permissions.require(caller, "project.read")
        return VersionOut.of(version_of(deps, caller, version_id))


def version_of(deps: Deps, caller: Caller, version_id: str) -> Version:
    with deps.work(caller) as work:
        return work.versions.get(version_id)
