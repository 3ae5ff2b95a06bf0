"""What goes over the wire. Changing a field here changes the public API."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.project.limits import LARGEST_ARCHIVE, LONGEST_PATH, MOST_FILES, MOST_LOOKUPS
from functions.project.model import File, Kind, Project, State, Upload, Version
from kernel.errors import Invalid
from kernel.pages import Id, PageQuery

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^\S(.*\S)?$")]
Label = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[int, Field(ge=0, lt=2**63)]
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{7,64}$", description="of the repository's own history")]
_SAMPLE = "a" * 64
LONGEST_CURSOR = 4 * (LONGEST_PATH + len("path:")) // 3 + 4


class NewProject(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "requests"}})

    name: Name
    description: str = Field(default="", max_length=2000)


class ProjectQuery(PageQuery):
    """A list's page, and `?name=` to find the one project of a name."""

    name: str | None = Field(default=None, max_length=80)


class ProjectOut(BaseModel):
    id: str
    name: str
    description: str
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, project: Project) -> Self:
        return cls(**{field: getattr(project, field) for field in cls.model_fields})


class BlobIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sha256: Sha256
    size_bytes: Size


class BlobsQuestion(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"blobs": [{"sha256": _SAMPLE, "size_bytes": 12}]}}
    )

    blobs: list[BlobIn] = Field(max_length=MOST_LOOKUPS)


class MissingOut(BaseModel):
    missing: list[str] = Field(description="SHA-256 of each blob to send, in the order of the question")


class NewUpload(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"kind": "pack", "size_bytes": 10240, "sha256": _SAMPLE}},
    )

    kind: Kind
    size_bytes: Annotated[int, Field(gt=0, lt=2**63, description=f"an archive has at most {LARGEST_ARCHIVE}")]
    sha256: Sha256
    filename: str = Field(default="", max_length=255, description="an archive's name; its ending must fit its content")
    label: Label = ""


class UploadOut(BaseModel):
    id: str
    kind: Kind
    state: State
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


class FileIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: Annotated[str, Field(max_length=16_384)]  # the rule itself, with its codes, is `paths.check_path`
    mode: str = Field(max_length=6, description="100644 or 100755")
    sha256: Sha256
    size_bytes: Size


class NewVersion(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"files": [{"path": "a.py", "mode": "100644", "sha256": _SAMPLE, "size_bytes": 12}]}
        },
    )

    label: Label = ""
    parent_id: Id | None = None
    commit: Commit | None = None
    files: list[FileIn] = Field(max_length=MOST_FILES)
    force: bool = Field(default=False, description="publish anew even if the parent holds the same already")

    def listed(self) -> tuple[File, ...]:
        return tuple(File(file.path, file.mode, file.sha256, file.size_bytes) for file in self.files)


class VersionOut(BaseModel):
    id: str
    project_id: str
    parent_id: str | None
    label: str
    commit: str | None
    tree_sha256: str
    file_count: int
    total_bytes: int
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> Self:
        return cls(**{field: getattr(version, field) for field in cls.model_fields})


class FileQuery(BaseModel):
    """`?limit=` (1 to 1000) and `?cursor=` of a version's files."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=200, ge=1, le=1000)
    cursor: str | None = Field(default=None, max_length=LONGEST_CURSOR)

    @property
    def after(self) -> str:
        """The path after which the page begins. Raises Invalid if the cursor is not one of ours."""
        if self.cursor is None:
            return ""
        try:
            word, _, path = base64.urlsafe_b64decode(self.cursor.encode()).decode().partition(":")
        except (ValueError, binascii.Error) as bad:
            raise Invalid("this cursor is not one of ours", code="bad_cursor") from bad
        if word != "path":
            raise Invalid("this cursor is not one of ours", code="bad_cursor")
        return path


class FileOut(BaseModel):
    path: str
    mode: str
    sha256: str
    size_bytes: int

    @classmethod
    def of(cls, file: File) -> Self:
        return cls(path=file.path, mode=file.mode, sha256=file.sha256, size_bytes=file.size_bytes)


def cursor_after(path: str) -> str:
    return base64.urlsafe_b64encode(f"path:{path}".encode()).decode()


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    service: str
