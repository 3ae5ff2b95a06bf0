"""Versions: published once; only their labels change."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from functions.project.model import Version
from functions.project.ports import Deps, Work
from functions.project.routes.projects import revision_of
from functions.project.schemas.versions import NewVersion, VersionChange, VersionOut, VersionQuery
from functions.project.service.membership import require
from functions.project.service.publishing import Published, Wanted, publish, relabel
from kernel.http import Answer, Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, page_of


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/projects/{project_id}/versions", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def publish_version(project_id: Id, body: NewVersion, caller: Caller, once: Once) -> VersionOut | Answer:
        """Publish files whose blobs are stored: 201, or 200 with the version that holds exactly this already."""
        require(deps, caller, "project.publish", project_id)
        about = body.model_dump(exclude={"files"})
        wanted = Wanted(project_id, body.listed(), by=caller.user_id, **about)
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
    def list_versions(project_id: Id, query: VersionQuery, caller: Caller) -> Page[VersionOut]:
        """List a project's versions, newest first, those of a branch or a label if asked so."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            project = work.projects.get(project_id)
            found = work.versions.page(
                project.id, after=query.after, limit=query.limit + 1, branch=query.branch, label=query.label
            )
        return page_of(found, query, VersionOut.of)

    _add_one(app, deps)


def _add_one(app: Application, deps: Deps) -> None:
    @app.route("/v1/versions/{version_id}", methods=["GET"])
    @endpoint(app)
    def get_version(version_id: Id, caller: Caller) -> VersionOut | Answer:
        """Get one version."""
        deps.permissions.require(caller, "project.read")
        return _shown(version_of(deps, caller, version_id))

    @app.route("/v1/versions/{version_id}", methods=["PATCH"])
    @endpoint(app)
    def label_version(version_id: Id, body: VersionChange, caller: Caller, if_match: str | None) -> VersionOut | Answer:
        """Give a version another label; what it holds never changes. If-Match is optional."""
        deps.permissions.require(caller, "project.read")
        project_id = version_of(deps, caller, version_id).project_id
        require(deps, caller, "project.label", project_id)
        with deps.work(caller) as work:
            return _shown(relabel(work, version_id=version_id, label=body.label, revision=revision_of(if_match)))


def version_of(deps: Deps, caller: Caller, version_id: str) -> Version:
    with deps.work(caller) as work:
        return work.versions.get(version_id)


def _shown(version: Version) -> Answer:
    return Answer(VersionOut.of(version), headers={"ETag": f'"{version.revision}"'})
