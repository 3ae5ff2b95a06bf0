"""What is stored, as the use cases see it: one protocol for each kind of row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from functions.project.model import Blob, Project, Upload, Version


class Projects(Protocol):
    def get(self, project_id: str) -> Project:
        """Raises NotFound."""
        ...

    def lock(self, project_id: str) -> None:
        """Let no one else publish to this project until the unit of work ends. Raises NotFound."""
        ...

    def page(self, *, name: str | None, after: str | None, limit: int) -> list[Project]:
        """Up to `limit` projects (of that name), oldest first, beginning behind the id `after`."""
        ...

    def add(self, project: Project) -> None:
        """Raises Conflict, with the id of the other one, if the organisation has a project of that name."""
        ...


class Blobs(Protocol):
    def find(self, hashes: Collection[str]) -> Mapping[str, Blob]:
        """Those of the organisation's blobs that are stored, by SHA-256."""
        ...

    def add(self, blobs: Sequence[Blob]) -> None:
        """Count blobs as stored; those that are already stay where they are."""
        ...


class Uploads(Protocol):
    def get(self, upload_id: str) -> Upload:
        """Raises NotFound."""
        ...

    def lock(self, upload_id: str) -> Upload:
        """The upload, which nobody else ends until the unit of work does. Raises NotFound."""
        ...

    def add(self, upload: Upload, *, check_after_s: float) -> None:
        """Store a waiting upload; the sweep looks for its content after `check_after_s`."""
        ...

    def end(self, upload: Upload) -> None:
        """Store the end of an upload; the sweep forgets it."""
        ...


class Versions(Protocol):
    def get(self, version_id: str) -> Version:
        """Raises NotFound."""
        ...

    def page(self, project_id: str, *, after: str | None, limit: int) -> list[Version]:
        """Up to `limit` versions of a project, newest first, beginning behind the id `after`."""
        ...

    def add(self, version: Version) -> None: ...

    def same(self, version: Version) -> Version | None:
        """The newest version of the project with this one's parent (or the parent itself), tree, label and commit."""
        ...


class Arrivals(Protocol):
    """Uploads whose end is open, of all organisations: by the keys of their objects only."""

    def claim(self, key: str) -> int | None:
        """Begin an attempt; its number from 1 on, or None if the key names no waiting upload.

        The sweep leaves the key alone until the attempt's lease is over.
        """
        ...

    def due(self, limit: int) -> list[str]:
        """Keys that the sweep must look at, the most overdue first."""
        ...

    def postpone(self, key: str, *, seconds: float) -> None:
        """Look again after `seconds`, and do not count the attempt: nothing had arrived, or a dependency was down."""
        ...
