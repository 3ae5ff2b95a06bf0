"""Shards, and claims on work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from functions.analysis.pieces import Shard
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
class Claim:
    """A shard that was claimed, of whatever organisation has the turn."""

    lease: Lease
    org_id: str
    analysis_id: str


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
    """Leases of shards, merges and other work; the row is there as long as the work is to be done."""

    def offer(self, analysis_id: str, kind: str, ids: Sequence[str]) -> None: ...

    def claim(self, named: str, *, holder: str, seconds: float) -> Claim | None:
        """Claim the shard whose turn it is, on a message that named one; None if nothing can be run now.

        Turns go by organisation, then by project, to the one with the fewest running shards, and never past a
        project's bound. Raises Busy if the named shard runs and nothing else can be run.
        """
        ...

    def next(self, project_id: str, *, freed: int = 1) -> list[Overdue]:
        """Shards to announce because `freed` running ones of the project end with this unit of work; call it last."""
        ...

    def forget_turns(self, *, older_s: float) -> None:
        """Forget who was served longer ago than that."""
        ...

    def drop(self, analysis_id: str) -> int:
        """Forget all work of an analysis, held or not; return how many shards somebody held."""
        ...

    def take(self, id: str, *, holder: str, seconds: float) -> Lease | None:
        """Claim a piece of work. None if it is done. Raises Busy."""
        ...

    def give_back(self, lease: Lease, *, uncounted: bool) -> None:
        """Let another one take it at once; `uncounted` if the failure was not the work's fault."""
        ...

    def extend(self, lease: Lease, seconds: float) -> bool:
        """False if another one has taken over."""
        ...

    def keep(self, lease: Lease) -> bool:
        """Bar others from it until this unit of work ends; False if another one has it or just reaches for it."""
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
