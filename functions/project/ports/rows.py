"""What is stored, as the use cases see it: one protocol for each kind of row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from functions.project.model import Blob, Project, Version
from functions.project.uploads import Upload


class Projects(Protocol):
    def get(self, project_id: str) -> Project:
        """Raises NotFound."""
        ...

    def lock(self, project_id: str) -> Project:
        """Let no one else publish to or change this project until the unit of work ends. Raises NotFound."""
        ...

    def page(self, *, name: str | None, after: str | None, limit: int, archived: bool | None = None) -> list[Project]:
        """Up to `limit` projects (of that name), oldest first, beginning behind the id `after`."""
        ...

    def add(self, project: Project) -> None:
        """Raises Conflict, with the id of the other one, if the organisation has a project of that name."""
        ...

    def save(self, project: Project) -> None:
        """Store the next revision. Raises Stale if somebody else did, or Conflict if the name is taken."""
        ...


class Blobs(Protocol):
    def find(self, hashes: Collection[str]) -> Mapping[str, Blob]:
        """Those of the organisation's blobs that are stored, by SHA-256."""
        ...

    def claim(self, hashes: Collection[str]) -> Mapping[str, Blob]:
        """The same, and the grace begins anew of those that were to go because no project needs them."""
        ...

    def add(self, blobs: Sequence[Blob]) -> None:
        """Count blobs as stored; those that are already stay where they are, and stay."""
        ...

    def refer(self, project_id: str, needed: Sequence[Blob]) -> None:
        """Say that a project needs these, where they are. Raises Unavailable if one has gone or moved meanwhile."""
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

    def page(
        self, project_id: str, *, after: str | None, limit: int, branch: str | None = None, label: str | None = None
    ) -> list[Version]:
        """Up to `limit` versions of a project, newest first, beginning behind the id `after`."""
        ...

    def add(self, version: Version) -> None: ...

    def relabel(self, version: Version) -> None:
        """Store the label of the next revision. Raises Stale if somebody else did."""
        ...

    def same(self, version: Version) -> Version | None:
        """The newest version of the project with this one's parent (or the parent itself), tree, label, commit and branch."""
        ...

    def uncounted(self, limit: int) -> list[Version]:
        """Versions from before it was asked which blobs a project needs."""
        ...

    def count(self, version_id: str) -> None: ...


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
