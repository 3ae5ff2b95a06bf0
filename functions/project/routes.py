"""The HTTP surface of this domain: read top to bottom, it is the API. The event handlers are at its end."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from functions.project.manifests import files_of
from functions.project.model import Upload, Version
from functions.project.ports import Deps, Work
from functions.project.schemas import (
    BlobsQuestion,
    FileOut,
    FileQuery,
    Health,
    MissingOut,
    NewProject,
    NewUpload,
    NewVersion,
    ProjectOut,
    ProjectQuery,
    UploadOut,
    UploadTicket,
    VersionOut,
    cursor_after,
)
from functions.project.service import intake, requests
from functions.project.service.publishing import Published, Wanted, publish
from kernel import observe
from kernel.http import Answer, Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id, Page, PageQuery, page_of
from kernel.relay import Relay


def build(deps: Deps, relay: Relay | None = None) -> Application:
    app = Application("project")
    _add_projects(app, deps)
    _add_uploads(app, deps)
    _add_versions(app, deps)
    _add_files(app, deps)
    _add_events(app, deps, relay)
    return app


def _add_projects(app: Application, deps: Deps) -> None:
    @app.route("/v1/project/health", methods=["GET"])
    @endpoint(app)
    def project_health() -> Health:
        """Tell whether this domain can serve."""
        deps.ready()
        return Health(service="project")

    @app.route("/v1/projects", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def create_project(body: NewProject, caller: Caller, once: Once) -> ProjectOut:
        """Create a project; a name that is taken answers 409 with the id of the project that has it."""
        deps.permissions.require(caller, "project.create")
        with deps.work(caller) as work:
            return once(work, ProjectOut, lambda: _create(deps, work, body))

    @app.route("/v1/projects", methods=["GET"])
    @endpoint(app)
    def list_projects(query: ProjectQuery, caller: Caller) -> Page[ProjectOut]:
        """List the organisation's projects, oldest first, or the one of a name."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            found = work.projects.page(name=query.name, after=query.after, limit=query.limit + 1)
        return page_of(found, query, ProjectOut.of)

    @app.route("/v1/projects/{project_id}", methods=["GET"])
    @endpoint(app)
    def get_project(project_id: Id, caller: Caller) -> ProjectOut:
        """Get one project."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            return ProjectOut.of(work.projects.get(project_id))


def _create(deps: Deps, work: Work, body: NewProject) -> ProjectOut:
    made = requests.create_project(work, id=deps.new_id(), name=body.name, description=body.description)
    return ProjectOut.of(made)


def _add_uploads(app: Application, deps: Deps) -> None:
    @app.route("/v1/projects/{project_id}/blobs/missing", methods=["POST"])
    @endpoint(app)
    def find_missing_blobs(project_id: Id, body: BlobsQuestion, caller: Caller) -> MissingOut:
        """Tell which of these blobs the organisation has not stored yet."""
        deps.permissions.require(caller, "project.upload")
        hashes = [blob.sha256 for blob in body.blobs]
        with deps.work(caller) as work:
            return MissingOut(missing=requests.missing_blobs(work, project_id=project_id, hashes=hashes))

    @app.route("/v1/projects/{project_id}/uploads", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def create_upload(project_id: Id, body: NewUpload, caller: Caller, once: Once) -> UploadTicket:
        """Promise content of a known size and hash, and get the URL that takes it during the next 15 minutes."""
        deps.permissions.require(caller, "project.upload")
        promised: list[Upload] = []
        with deps.work(caller) as work:
            made = once(work, UploadOut, lambda: _promise(deps, work, project_id, body))
            promised.append(work.uploads.get(made.id))
        return _ticket(deps, promised[0])

    @app.route("/v1/uploads/{upload_id}", methods=["GET"])
    @endpoint(app)
    def get_upload(upload_id: Id, caller: Caller) -> UploadOut:
        """Get an upload's state: waiting, stored, or refused with the reason."""
        deps.permissions.require(caller, "project.read")
        with deps.work(caller) as work:
            return UploadOut.of(work.uploads.get(upload_id))


def _promise(deps: Deps, work: Work, project_id: str, body: NewUpload) -> UploadOut:
    made = requests.promise_upload(work, id=deps.new_id(), project_id=project_id, **body.model_dump())
    return UploadOut.of(made)


def _ticket(deps: Deps, upload: Upload) -> UploadTicket:
    url, headers = deps.store.presigned_put(upload.key, size_bytes=upload.size_bytes, sha256=upload.sha256)
    return UploadTicket(**UploadOut.of(upload).model_dump(), url=url, headers=headers)


def _add_versions(app: Application, deps: Deps) -> None:
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


def _add_files(app: Application, deps: Deps) -> None:
    @app.route("/v1/versions/{version_id}", methods=["GET"])
    @endpoint(app)
    def get_version(version_id: Id, caller: Caller) -> VersionOut:
        """Get one version."""
        deps.permissions.require(caller, "project.read")
        return VersionOut.of(_version(deps, caller, version_id))

    @app.route("/v1/versions/{version_id}/files", methods=["GET"])
    @endpoint(app)
    def list_files(version_id: Id, query: FileQuery, caller: Caller) -> Page[FileOut]:
        """List the files of a version by path."""
        deps.permissions.require(caller, "project.read")
        manifest = deps.store.get(_version(deps, caller, version_id).manifest_key)
        files = list(files_of(manifest))
        first = bisect.bisect_right(files, query.after, key=lambda file: file.path)
        items = [FileOut.of(file) for file in files[first : first + query.limit]]
        more = first + query.limit < len(files)
        return Page(items=items, next_cursor=cursor_after(items[-1].path) if more else None)


def _version(deps: Deps, caller: Caller, version_id: str) -> Version:
    with deps.work(caller) as work:
        return work.versions.get(version_id)


def _add_events(app: Application, deps: Deps, relay: Relay | None) -> None:
    @app.on("on_upload")
    def take_uploads(event: Mapping[str, Any]) -> dict[str, str]:
        """S3 tells that objects were created; an event without records (a schedule's) asks for the sweep."""
        if "Records" not in event:
            return _logged(intake.sweep(deps))
        keys = [unquote_plus(str(record["s3"]["object"]["key"])) for record in event["Records"]]
        return _logged([(key, intake.receive(deps, key)) for key in keys])

    if relay is not None:

        @app.on("relay")
        def relay_events(event: Mapping[str, Any]) -> dict[str, int]:
            return relay.run(event)


def _logged(outcomes: list[tuple[str, intake.Outcome]]) -> dict[str, str]:
    for key, outcome in outcomes:
        tell = observe.log.warning if outcome is intake.Outcome.UNKNOWN else observe.log.info
        tell("upload received", key=key[:200], outcome=str(outcome))
    return {key: str(outcome) for key, outcome in outcomes}
