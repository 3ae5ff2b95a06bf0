"""What `coderev review` asks of the server, one method a question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cli.api import Api
from cli.exchange import ApiError
from cli.records import Analysis, Artifact, Finding, Json, Review, Upload
from cli.tree import File, Origin

MOST_ASKED = 10_000  # blobs in one question


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to publish."""

    files: Sequence[File]
    parent_id: str | None = None
    label: str | None = None
    origin: Origin | None = None
    history: str | None = None  # SHA-256 of the uploaded commits before it
    baseline_id: str | None = None  # version that it is compared with, whatever the project's baseline is

    @property
    def body(self) -> dict[str, object]:
        files = [
            {"path": file.path, "mode": file.mode, "sha256": file.sha256, "size_bytes": file.size_bytes}
            for file in self.files
        ]
        about: dict[str, object] = {
            "parent_id": self.parent_id,
            "label": self.label,
            "history": self.history,
            "baseline_version_id": self.baseline_id,
        }
        if self.origin:
            names = ("commit", "branch", "main", "author", "message")
            about |= {name: getattr(self.origin, name) for name in names}
        return {"files": files, **{name: value for name, value in about.items() if value not in (None, "")}}


class Platform:
    """Every method raises UserError when there is no answer and ApiError when it was refused."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def project(self, name: str) -> str:
        """The id of the project of that name, which is created if there is none."""
        found = self._find(name)
        if found:
            return found
        try:
            made = self.api.post("/v1/projects", {"name": name}, doing=f"The project {name!r}")
            return str(made.body["id"])
        except ApiError as refused:
            found = self._find(name) if refused.status == 409 else None
            if found is None:
                raise
            return found

    def _find(self, name: str) -> str | None:
        listed = self.api.items("/v1/projects", doing="The list of projects")
        return next((str(project["id"]) for project in listed if project["name"] == name), None)

    def missing(self, project_id: str, sizes: Iterable[tuple[str, int]]) -> set[str]:
        """Which blobs (SHA-256, size in bytes) the server does not have yet."""
        blobs = [{"sha256": sha256, "size_bytes": size} for sha256, size in sizes]
        lacking: set[str] = set()
        for start in range(0, len(blobs), MOST_ASKED):
            path = f"/v1/projects/{project_id}/blobs/missing"
            answer = self.api.post(path, {"blobs": blobs[start : start + MOST_ASKED]}, doing="The list of files")
            lacking.update(answer.body["missing"])
        return lacking

    def new_upload(self, project_id: str, *, size_bytes: int, sha256: str, kind: str = "pack") -> Upload:
        body = {"kind": kind, "size_bytes": size_bytes, "sha256": sha256}
        return Upload.of(self.api.post(f"/v1/projects/{project_id}/uploads", body, doing="The upload").body)

    def upload(self, upload_id: str) -> Upload:
        return Upload.of(self.api.get(f"/v1/uploads/{upload_id}", doing="The upload").body)

    def publish(self, project_id: str, version: NewVersion) -> str:
        """The id of the new version."""
        answer = self.api.post(f"/v1/projects/{project_id}/versions", version.body, doing="The version")
        return str(answer.body["id"])

    def analysis_of(self, version_id: str) -> Analysis | None:
        """The analysis of a version, once the platform has planned it."""
        found = self.api.get("/v1/analyses", doing="The analysis", version_id=version_id).body["items"]
        return Analysis.of(found[0]) if found else None

    def analysis(self, analysis_id: str, etag: str | None) -> tuple[Analysis | None, str | None]:
        """An analysis and its tag; None for it when it is still what `etag` stands for."""
        answer = self.api.get(f"/v1/analyses/{analysis_id}", doing="The analysis", etag=etag)
        return (Analysis.of(answer.body) if answer.body else None), answer.etag or etag

    def findings(self, analysis_id: str, *, only_new: bool) -> list[Finding]:
        new = "true" if only_new else None
        path = f"/v1/analyses/{analysis_id}/findings"
        return [Finding.of(item) for item in self.api.items(path, doing="The list of findings", new=new)]

    def has_baseline(self, project_id: str) -> bool:
        """Whether somebody chose what the project's versions are compared with."""
        return self.api.get(f"/v1/projects/{project_id}/baseline", doing="The baseline").body["kind"] is not None

    def gate(self, analysis_id: str) -> Json:
        found: Json = self.api.get(f"/v1/analyses/{analysis_id}/gate", doing="The gate").body
        return found

    def skipped(self, analysis_id: str) -> list[Json]:
        """The files that were published and not analysed, with reasons."""
        path = f"/v1/analyses/{analysis_id}/files"
        return list(self.api.items(path, doing="The list of files", status="skipped"))

    def artifacts(self, analysis_id: str) -> list[Artifact]:
        path = f"/v1/analyses/{analysis_id}/artifacts"
        return [Artifact.of(item) for item in self.api.get(path, doing="The artifacts").body["items"]]

    def review_of(self, analysis_id: str) -> Review | None:
        """The AI review of an analysis with its comments, once it was begun."""
        found = self.api.get("/v1/reviews", doing="The review", analysis_id=analysis_id).body["items"]
        if not found:
            return None
        return Review.of(self.api.get(f"/v1/reviews/{found[0]['id']}", doing="The review").body)
