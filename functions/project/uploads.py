"""Uploads: promises of content, and what became of them. Standard library only."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from functions.project.limits import GRACE_S, LARGEST_ARCHIVE, LARGEST_HISTORY, LARGEST_PACK
from kernel.errors import Conflict, TooLarge


class UploadKind(StrEnum):
    PACK = "pack"
    ARCHIVE = "archive"
    HISTORY = "history"  # commits, newest first, one JSON a line


LARGEST_UPLOAD = {
    UploadKind.PACK: LARGEST_PACK,
    UploadKind.ARCHIVE: LARGEST_ARCHIVE,
    UploadKind.HISTORY: LARGEST_HISTORY,
}


class UploadState(StrEnum):
    WAITING = "waiting"
    STORED = "stored"
    REFUSED = "refused"


_NEXT = {
    UploadState.WAITING: {UploadState.STORED, UploadState.REFUSED},
    UploadState.STORED: set[UploadState](),
    UploadState.REFUSED: set[UploadState](),
}


@dataclass(frozen=True, slots=True)
class Promise:
    """What somebody is going to send; the last four are of the version that an archive becomes."""

    kind: UploadKind
    size_bytes: int
    sha256: str
    filename: str = ""
    label: str = ""
    branch: str | None = None
    commit: str | None = None
    main: bool | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A promise to send content of a known size and hash, and what became of it.

    `main` of None lets the project's settings say whether the branch is the main line.
    """

    id: str
    org_id: str
    project_id: str
    kind: UploadKind
    size_bytes: int
    sha256: str
    filename: str
    label: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    state: UploadState = UploadState.WAITING
    code: str | None = None
    detail: str | None = None
    version_id: str | None = None
    branch: str | None = None
    commit: str | None = None
    main: bool | None = None

    @property
    def key(self) -> str:
        """Where the content arrives."""
        return f"uploads/{self.org_id}/{self.id}"

    def stored(self, version_id: str | None = None) -> Upload:
        """Raises Conflict if it has ended already."""
        return replace(self._to(UploadState.STORED), version_id=version_id)

    def refused(self, code: str, detail: str) -> Upload:
        """Raises Conflict if it has ended already."""
        return replace(self._to(UploadState.REFUSED), code=code, detail=detail)

    def is_over(self, now: datetime) -> bool:
        """Whether nothing can arrive any more, not even from a PUT that began in time."""
        return now > self.expires_at + timedelta(seconds=GRACE_S)

    def _to(self, state: UploadState) -> Upload:
        if state not in _NEXT[self.state]:
            raise Conflict(f"an upload that is {self.state} cannot become {state}", upload_id=self.id)
        return replace(self, state=state)


def key_of_upload(key: str) -> tuple[str, str] | None:
    """Organisation and upload that an object's key names, or None if it is not one of an upload."""
    named = _KEY.match(key)
    return (named[1], named[2]) if named else None


_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf"^uploads/({_UUID})/({_UUID})\Z")


def check_promise(kind: UploadKind, size_bytes: int) -> None:
    """Raises TooLarge."""
    if size_bytes > LARGEST_UPLOAD[kind]:
        raise TooLarge(f"an upload of kind {kind} has at most {LARGEST_UPLOAD[kind]} bytes", limit=LARGEST_UPLOAD[kind])
