"""Files of a version on the wire."""

from __future__ import annotations

import base64
import binascii
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from functions.project.limits import LONGEST_PATH
from functions.project.model import File
from kernel.errors import Invalid

LONGEST_CURSOR = 4 * (LONGEST_PATH + len("path:")) // 3 + 4


class VersionFileQuery(BaseModel):
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


class VersionFileOut(BaseModel):
    path: str
    mode: str
    sha256: str
    size_bytes: int

    @classmethod
    def of(cls, file: File) -> Self:
        return cls(path=file.path, mode=file.mode, sha256=file.sha256, size_bytes=file.size_bytes)


def cursor_after(path: str) -> str:
    return base64.urlsafe_b64encode(f"path:{path}".encode()).decode()
