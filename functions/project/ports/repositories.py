"""Repositories at git hosts, as the use cases see what is stored of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.project.model import Version
from functions.project.repositories import Fetch, FetchKind, PullRequest, Repository


@dataclass(frozen=True, slots=True)
class Hook:
    """Whose a webhook address is."""

    id: str
    org_id: str
    project_id: str


@dataclass(frozen=True, slots=True)
class HookDelivery:
    """What a host told and what came of it: `queued` (see `fetch_id`), or `ignored` for a `reason`."""

    id: str
    org_id: str
    project_id: str
    delivery: str
    body_sha256: str
    event: str
    action: str
    received_at: datetime
    state: str = "ignored"
    reason: str | None = None
    number: int | None = None
    fetch_id: str | None = None


@dataclass(frozen=True, slots=True)
class FetchJob:
    """A fetch that `holder` may work on until its lease is over; `attempts` were begun, this one included."""

    fetch_id: str
    org_id: str
    project_id: str
    holder: str
    attempts: int


class Repositories(Protocol):
    def find(self, project_id: str) -> Repository | None: ...

    def get(self, project_id: str) -> Repository:
        """Raises NotFound."""
        ...

    def put(self, repository: Repository) -> None:
        """Store a new one or the next revision of what is stored. Raises Stale if somebody else did."""
        ...

    def remove(self, project_id: str) -> None:
        """Forget it, its webhook address and what waits to be fetched. Raises NotFound."""
        ...


class Fetches(Protocol):
    def get(self, fetch_id: str) -> Fetch:
        """Raises NotFound."""
        ...

    def lock(self, fetch_id: str) -> Fetch:
        """The fetch, which nobody else changes until the unit of work ends. Raises NotFound."""
        ...

    def ask(self, fetch: Fetch, host: str) -> Fetch:
        """Store and queue a fetch, or return the one that waits for the same already."""
        ...

    def waiting(self, project_id: str) -> int:
        """How many of a project's fetches wait."""
        ...

    def holds(self, job: FetchJob) -> bool:
        """Whether the job is still its holder's, and stays so until the unit of work ends."""
        ...

    def save(self, fetch: Fetch) -> None:
        """Store its state; one that is over leaves the queue."""
        ...

    def postpone(self, job: FetchJob, *, seconds: float, counts: bool) -> None:
        """Give the job back; it is due again after half to one and a half times so many seconds.

        `counts` says whether the attempt is one of those that a fetch has.
        """
        ...

    def page(self, project_id: str, *, after: str | None, limit: int) -> list[Fetch]:
        """Up to `limit` of a project's fetches, newest first, beginning behind the id `after`."""
        ...

    def of_commit(self, project_id: str, commit: str, tree_sha256: str) -> Version | None:
        """The newest version of a project that holds this tree of this commit, one of the main line first."""
        ...


class PullRequests(Protocol):
    def find(self, project_id: str, number: int) -> PullRequest | None:
        """The pull request, which nobody else changes until the unit of work ends."""
        ...

    def put(self, pull: PullRequest) -> None: ...

    def of_version(self, version_id: str) -> PullRequest | None:
        """The pull request whose newest head a version holds."""
        ...

    def page(self, project_id: str, *, before: int | None, limit: int, state: str | None) -> list[PullRequest]:
        """Up to `limit` of a project's pull requests, highest number first, beginning below `before`."""
        ...


class HookDeliveries(Protocol):
    def first(self, delivery: HookDelivery) -> bool:
        """Record a delivery; False if it, or its very body, came before."""
        ...

    def end(self, delivery: HookDelivery) -> None:
        """Store what came of it."""
        ...

    def page(self, project_id: str, *, after: str | None, limit: int) -> list[HookDelivery]:
        """Up to `limit` deliveries, newest first, beginning behind the id `after`."""
        ...


class FetchQueue(Protocol):
    """The fetches of all organisations that wait or run; each call is a transaction of its own."""

    def hook(self, hook_id: str) -> Hook | None:
        """Whose a webhook address is."""
        ...

    def claim(self, holder: str) -> FetchJob | None:
        """Begin the fetch that waits longest among those that may run.

        One of a project runs at a time, and few of an organisation and at a host, so that a host that is slow
        holds up nobody else.
        """
        ...

    def forget(self, job: FetchJob) -> None:
        """It is not there any more."""
        ...


__all__ = [
    "Fetch",
    "FetchJob",
    "FetchKind",
    "FetchQueue",
    "Fetches",
    "Hook",
    "HookDeliveries",
    "HookDelivery",
    "PullRequests",
    "Repositories",
]
