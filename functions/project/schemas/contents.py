"""The content of one file, and archives of all, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from functions.project.exports import Export, Format, Making
from functions.project.limits import LONGEST_PATH
from functions.project.manifests import Placed


class ContentQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: str = Field(min_length=1, max_length=LONGEST_PATH)


class ContentOut(BaseModel):
    path: str
    mode: str
    sha256: str
    size_bytes: int
    text: str | None = Field(description="null if it is no UTF-8")

    @classmethod
    def of(cls, file: Placed, text: str | None) -> Self:
        return cls(path=file.path, mode=file.mode, sha256=file.sha256, size_bytes=file.size_bytes, text=text)


class ArchiveQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Format = Format.ZIP


class VersionArchiveOut(BaseModel):
    """`url` downloads it during the next 15 minutes, once it is ready."""

    format: Format
    state: Making
    size_bytes: int | None
    sha256: str | None
    expires_at: datetime
    url: str | None

    @classmethod
    def of(cls, export: Export, url: str | None) -> Self:
        return cls(
            format=export.format,
            state=export.state,
            size_bytes=export.size_bytes,
            sha256=export.sha256,
            expires_at=export.expires_at,
            url=url,
        )
