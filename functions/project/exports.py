"""A version's files as an archive that can be downloaded. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from functions.project.limits import EXPORT_LIFE_S


class Format(StrEnum):
    ZIP = "zip"
    TAR_GZ = "tar.gz"


class Making(StrEnum):
    """How far an export is."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Export:
    """One for each tree and format: versions of the same tree share it."""

    org_id: str
    tree_sha256: str
    format: Format
    version_id: str
    state: Making
    expires_at: datetime
    size_bytes: int | None = None
    sha256: str | None = None

    @classmethod
    def asked(cls, *, org_id: str, tree_sha256: str, format: Format, version_id: str, now: datetime) -> Export:
        return cls(org_id, tree_sha256, format, version_id, Making.WAITING, now + timedelta(seconds=EXPORT_LIFE_S))

    @property
    def subject(self) -> str:
        return f"{self.tree_sha256}.{self.format}"

    @property
    def key(self) -> str:
        """Where it lies."""
        return f"exports/{self.org_id}/{self.subject}"

    def ready(self, *, size_bytes: int, sha256: str, now: datetime) -> Export:
        later = now + timedelta(seconds=EXPORT_LIFE_S)
        return replace(self, state=Making.READY, size_bytes=size_bytes, sha256=sha256, expires_at=later)

    def failed(self) -> Export:
        return replace(self, state=Making.FAILED)


def of_subject(subject: str) -> tuple[str, Format]:
    """Tree and format that a task's subject names."""
    tree, _, ending = subject.partition(".")
    return tree, Format(ending)
