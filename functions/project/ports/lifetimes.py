"""Members, objects and exports: what is stored about who may and about what lives how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from functions.project.exports import Export, Format
from functions.project.membership import Member, ProjectRole


class Members(Protocol):
    def role_of(self, project_id: str, user_id: str) -> ProjectRole | None: ...

    def page(self, project_id: str, *, after: str | None, limit: int) -> list[Member]:
        """Up to `limit` members by their ids, beginning behind `after`."""
        ...

    def put(self, member: Member) -> None:
        """Give somebody a role, whatever it was."""
        ...

    def remove(self, project_id: str, user_id: str) -> None:
        """Raises NotFound."""
        ...


class Objects(Protocol):
    """Objects of the organisation in the bucket."""

    def announce(self, keys: Sequence[str]) -> None:
        """Say that these are going to be written. Raises Unavailable while one of them is being deleted."""
        ...

    def touch(self, keys: Sequence[str]) -> bool:
        """Let the grace of these begin anew; False if one was never announced or is being deleted."""
        ...

    def require(self, keys: Sequence[str]) -> None:
        """Raises Unavailable unless all were announced and none is being deleted, nor will be in this transaction."""
        ...


class Exports(Protocol):
    def find(self, tree_sha256: str, format: Format) -> Export | None: ...

    def ask(self, export: Export) -> bool:
        """Store one that waits; False, and nothing stored, if there is one that has not expired."""
        ...

    def save(self, export: Export) -> None: ...


@dataclass(frozen=True, slots=True)
class Scanned:
    """A part of a list was looked at; `last` is where the next part begins, None at the end."""

    last: str | None
    doomed: Sequence[str] = ()


class Garbage(Protocol):
    """What nobody needs, in bounded parts. Each call locks what it changes; what others hold is left for next time."""

    def mark(self, *, after: str, limit: int) -> Scanned:
        """Look at up to `limit` blobs behind `after` and mark those that no project needs."""
        ...

    def sweep(self, *, grace_s: float, limit: int) -> int:
        """Forget up to `limit` blobs that are marked for longer than `grace_s` and still needed by none."""
        ...

    def expire(self, limit: int) -> int:
        """Forget exports whose time is over."""
        ...

    def doom(self, *, grace_s: float, after: str, limit: int) -> Scanned:
        """Of up to `limit` objects behind `after`, begin to delete those untouched for `grace_s` that none needs."""
        ...

    def doomed(self, *, since_s: float, limit: int) -> Sequence[str]:
        """Take over objects whose deletion began longer ago and did not end."""
        ...

    def forget(self, keys: Sequence[str]) -> None:
        """These objects are deleted."""
        ...


@dataclass(frozen=True, slots=True)
class Erased:
    """Rows of a project that were deleted, and objects that go with them; nothing is left when `rows` is 0."""

    rows: int
    keys: Sequence[str] = ()
    wait_s: float = 0.0


class Erasing(Protocol):
    def some(self, project_id: str, *, limit: int) -> Erased:
        """Delete up to `limit` rows of one table that a deleted project owns, those that others need last."""
        ...
