"""Uploads on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from functions.project.limits import LARGEST_ARCHIVE, MOST_LOOKUPS
from functions.project.schemas.fields import SAMPLE, Branch, Commit, Label, Sha256, Size
from functions.project.uploads import Promise, Upload, UploadKind, UploadState


class BlobIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sha256: Sha256
    size_bytes: Size


class BlobsQuestion(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"blobs": [{"sha256": SAMPLE, "size_bytes": 12}]}}
    )

    blobs: list[BlobIn] = Field(max_length=MOST_LOOKUPS)


class MissingOut(BaseModel):
    missing: list[str] = Field(description="SHA-256 of each blob to send, in the order of the question")


class NewUpload(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"kind": "pack", "size_bytes": 10240, "sha256": SAMPLE}},
    )

    kind: UploadKind
    size_bytes: Annotated[int, Field(gt=0, lt=2**63, description=f"an archive has at most {LARGEST_ARCHIVE}")]
    sha256: Sha256
    filename: str = Field(default="", max_length=255, description="an archive's name; its ending must fit its content")
    label: Label = Field(default="", description="an archive's, of the version that it becomes; so are the next three")
    branch: Branch | None = None
    commit: Commit | None = None
    main: bool | None = Field(default=None, description="default: true for no branch or the project's default branch")

    @model_validator(mode="after")
    def _only_archives_become_versions(self) -> Self:
        if self.kind is not UploadKind.ARCHIVE and (self.branch, self.commit, self.main) != (None, None, None):
            raise ValueError("branch, commit and main are of the version that an archive becomes")
        return self

    def promise(self) -> Promise:
        return Promise(**self.model_dump())


class UploadOut(BaseModel):
    id: str
    kind: UploadKind
    state: UploadState
    code: str | None = Field(description="why it was refused")
    detail: str | None
    version_id: str | None = Field(description="the version that an archive became")
    expires_at: datetime

    @classmethod
    def of(cls, upload: Upload) -> Self:
        return cls(**{field: getattr(upload, field) for field in UploadOut.model_fields})


class UploadTicket(UploadOut):
    """An upload and where to PUT its content, with exactly these headers, until it expires."""

    url: str
    method: Literal["PUT"] = "PUT"
    headers: dict[str, str]
