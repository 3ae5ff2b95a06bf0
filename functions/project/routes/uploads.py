"""What is missing, and promises to send it."""

from __future__ import annotations

from http import HTTPStatus

from functions.project.ports import Deps, Work
from functions.project.schemas.uploads import BlobsQuestion, MissingOut, NewUpload, UploadOut, UploadTicket
from functions.project.service import requests
from functions.project.service.membership import require
from functions.project.uploads import Upload
from kernel.http import Application, Once, endpoint
from kernel.identity import Caller
from kernel.pages import Id


def add(app: Application, deps: Deps) -> None:
    @app.route("/v1/projects/{project_id}/blobs/missing", methods=["POST"])
    @endpoint(app)
    def find_missing_blobs(project_id: Id, body: BlobsQuestion, caller: Caller) -> MissingOut:
        """Tell which of these blobs the organisation has not stored yet."""
        require(deps, caller, "project.upload", project_id)
        hashes = [blob.sha256 for blob in body.blobs]
        with deps.work(caller) as work:
            return MissingOut(missing=requests.missing_blobs(work, project_id=project_id, hashes=hashes))

    @app.route("/v1/projects/{project_id}/uploads", methods=["POST"])
    @endpoint(app, status=HTTPStatus.CREATED)
    def create_upload(project_id: Id, body: NewUpload, caller: Caller, once: Once) -> UploadTicket:
        """Promise content of a known size and hash, and get the URL that takes it during the next 15 minutes."""
        require(deps, caller, "project.upload", project_id)
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
            upload = work.uploads.get(upload_id)
            work.projects.get(upload.project_id)
            return UploadOut.of(upload)


def _promise(deps: Deps, work: Work, project_id: str, body: NewUpload) -> UploadOut:
    made = requests.promise_upload(work, id=deps.new_id(), project_id=project_id, promise=body.promise())
    return UploadOut.of(made)


def _ticket(deps: Deps, upload: Upload) -> UploadTicket:
    url, headers = deps.store.presigned_put(upload.key, size_bytes=upload.size_bytes, sha256=upload.sha256)
    return UploadTicket(**UploadOut.of(upload).model_dump(), url=url, headers=headers)
