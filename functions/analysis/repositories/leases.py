"""Shards, and claims on work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from functions.analysis.lifecycle import Shard
from kernel.errors import Unavailable


class Shards(Protocol):
    def add(self, analysis_id: str, shards: Sequence[Shard]) -> None: ...

    def begin(self, shard_id: str) -> Shard | None:
        """Begin a shard, so that it does not count as waiting any more; None if it is gone."""
        ...

    def end(self, shard_id: str, reason: str | None) -> None: ...

    def waiting(self, analysis_id: str) -> int:
        """How many shards of an analysis nobody has begun."""
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim on a piece of work until some moment on the database's clock."""

    id: str
    holder: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """Work that was announced and that nobody holds any more."""

    id: str
    org_id: str
    analysis_id: str
    kind: str


class Busy(Unavailable):
    """Another worker holds the lease; it ends with the work or, if the worker was killed, by itself."""


class Leases(Protocol):
    """Leases of shards and merges; the row is there as long as the work is to be done."""

    def offer(self, analysis_id: str, kind: str, ids: Sequence[str]) -> None: ...

    def take(self, id: str, *, holder: str, seconds: float) -> Lease | None:
        """Claim a piece of work. None if it is done. Raises Busy."""
        ...

    def give_back(self, lease: Lease, *, uncounted: bool) -> None:
        """Let another one take it at once; `uncounted` if the failure was not the work's fault."""
        ...

    def extend(self, lease: Lease, seconds: float) -> bool:
        """False if another one has taken over."""
        ...

    def end(self, lease: Lease) -> bool:
        """Finish the work; False if another one has taken over, then nothing may be counted."""
        ...

    def waiting_merges(self, project_id: str) -> list[str]:
        """Analyses of a project that wait to be merged by anyone."""
        ...

    def overdue(self, *, grace_s: float, limit: int) -> list[Overdue]:
        """Work of all organisations whose lease ran out, or that waits unclaimed since `grace_s`; each named once."""
        ...
