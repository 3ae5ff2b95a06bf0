"""Repositories at a git host, what is fetched from them, and their pull requests. Standard library only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from ipaddress import ip_address
from urllib.parse import unquote

from kernel.errors import Conflict, Invalid
from kernel.outbound.reach import Place, Reach

LONGEST_ADDRESS = 500  # characters of a repository's URL
MOST_ATTEMPTS = 3  # of a fetch: a host that fails so often is down, and the next push asks again
BACKOFF_S = 30.0  # doubled with each attempt, ± half
_OURS = ("fetch_id", "version_id", "version_sha", "base_version_id", "analysis_id", "comment_id", "check_id")
_SSH = re.compile(r"^(?:ssh|git\+ssh)://|^[^/:@\s]+@[^/:\s]+:", re.IGNORECASE)


class HostKind(StrEnum):
    """How a host names its events and its API; `git` has neither."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GIT = "git"


def check_address(url: str, reach: Reach) -> Place:
    """Admit the URL of a repository by its form; names are resolved when they are called. Raises Invalid."""
    if _SSH.match(url):
        raise Invalid("repositories are fetched over HTTPS: give the https address, not the one of ssh", code="ssh_url")
    if len(url) > LONGEST_ADDRESS:
        raise Invalid(f"the address of a repository has at most {LONGEST_ADDRESS} characters", code="url_refused")
    place = reach.parse(url)
    path = place.url.split("/", 3)[3] if place.url.count("/") >= 3 else ""
    if not path.strip("/") or "?" in url or any(part in (".", "..") for part in unquote(path).split("/")):
        raise Invalid("the address of a repository has a path without dots as a part, and no query", code="url_refused")
    try:
        literal = str(ip_address(place.host))
    except ValueError:
        return place
    reach.admit(place, [literal])
    return place


def same_repository(one: str, other: str) -> bool:
    """Whether two addresses name one repository: hosts write them with and without `.git` and in any case."""
    return _named(one) == _named(other)


def _named(url: str) -> str:
    return url.partition("://")[2].rstrip("/").removesuffix(".git").lower()


@dataclass(frozen=True, slots=True)
class Filters:
    """Which events lead to a fetch. `branches` are patterns (`release/*`); none means: of pushes the default branch."""

    drafts: bool = False
    bots: bool = False
    include_labels: tuple[str, ...] = ()
    exclude_labels: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()

    def against_push(self, branch: str, *, default_branch: str, by_bot: bool) -> str | None:
        """Why a push is ignored, or None."""
        if by_bot and not self.bots:
            return "bot"
        return None if self._admits(branch, (default_branch,)) else "branch"

    def against(self, pull: PullRequest) -> str | None:
        """Why a pull request is ignored, or None. Branches are those that it wants to change."""
        if pull.draft and not self.drafts:
            return "draft"
        if pull.by_bot and not self.bots:
            return "bot"
        labels = {label.casefold() for label in pull.labels}
        if labels & {label.casefold() for label in self.exclude_labels}:
            return "label"
        if self.include_labels and not labels & {label.casefold() for label in self.include_labels}:
            return "label"
        return None if self._admits(pull.base_ref, ("*",)) else "branch"

    def _admits(self, branch: str, otherwise: tuple[str, ...]) -> bool:
        return any(fnmatchcase(branch, pattern) for pattern in self.branches or otherwise)


@dataclass(frozen=True, slots=True)
class Repository:
    """Where a project's code comes from. Sealed secrets are ciphertext that only this domain opens."""

    org_id: str
    project_id: str
    kind: HostKind
    url: str
    default_branch: str
    hook_id: str
    filters: Filters
    created_by: str
    created_at: datetime
    updated_at: datetime
    sealed_token: bytes | None = field(default=None, repr=False)
    sealed_secret: bytes | None = field(default=None, repr=False)
    revision: int = 1

    @property
    def origin(self) -> str:
        """Scheme, host and port: a token is for these, and is forgotten when they change."""
        return "/".join(self.url.split("/", 3)[:3]).lower()

    @property
    def host(self) -> str:
        return self.origin.partition("://")[2]


@dataclass(frozen=True, slots=True)
class WantedRepository:
    """What somebody wants a repository to be. A secret of None stays what it is, an empty one is forgotten."""

    kind: HostKind
    url: str
    default_branch: str
    filters: Filters
    token: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)


class FetchKind(StrEnum):
    REF = "ref"  # a branch, a tag or a commit
    PULL = "pull_request"  # the head of one, and what it is compared with


class FetchState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


_NEXT = {
    FetchState.QUEUED: {FetchState.RUNNING, FetchState.FAILED},
    FetchState.RUNNING: {FetchState.RUNNING, FetchState.QUEUED, FetchState.DONE, FetchState.FAILED},
    FetchState.DONE: set[FetchState](),
    FetchState.FAILED: set[FetchState](),
}


@dataclass(frozen=True, slots=True)
class Fetch:
    """A wish to publish what a host has, and what became of it. `ref` is the number of a pull request."""

    id: str
    org_id: str
    project_id: str
    kind: FetchKind
    ref: str
    requested_by: str
    created_at: datetime
    state: FetchState = FetchState.QUEUED
    attempts: int = 0
    code: str | None = None
    detail: str | None = None
    commit: str | None = None
    version_id: str | None = None
    base_version_id: str | None = None
    notes: tuple[tuple[str, str], ...] = ()  # path and code of what was left out or is not what it seems
    notes_total: int = 0
    ended_at: datetime | None = None

    def begun(self) -> Fetch:
        return replace(self._to(FetchState.RUNNING), attempts=self.attempts + 1)

    def postponed(self, code: str, detail: str) -> Fetch:
        """It waits for another attempt; why the last one failed is told meanwhile."""
        return replace(self._to(FetchState.QUEUED), code=code, detail=detail)

    def failed(self, code: str, detail: str, at: datetime) -> Fetch:
        return replace(self._to(FetchState.FAILED), code=code, detail=detail, ended_at=at)

    def done(self, at: datetime, *, commit: str, version_id: str, base_version_id: str | None) -> Fetch:
        made = replace(self._to(FetchState.DONE), code=None, detail=None, ended_at=at)
        return replace(made, commit=commit, version_id=version_id, base_version_id=base_version_id)

    def noting(self, notes: tuple[tuple[str, str], ...], total: int) -> Fetch:
        return replace(self, notes=notes, notes_total=total)

    @property
    def is_over(self) -> bool:
        return not _NEXT[self.state]

    def _to(self, state: FetchState) -> Fetch:
        if state not in _NEXT[self.state]:
            raise Conflict(f"a fetch that is {self.state} cannot become {state}", fetch_id=self.id)
        return replace(self, state=state)


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull or merge request as its host last told of it, what was published of it, and what was posted there.

    `changed_at` is the host's clock: an event that is older than what is known changes nothing.
    """

    org_id: str
    project_id: str
    number: int
    title: str
    author: str
    url: str
    state: str  # open, closed or merged
    draft: bool
    by_bot: bool
    labels: tuple[str, ...]
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str | None
    changed_at: datetime
    fetch_id: str | None = None
    version_id: str | None = None
    version_sha: str | None = None  # the head that `version_id` holds
    base_version_id: str | None = None
    analysis_id: str | None = None
    comment_id: str | None = None  # the summary at the host
    check_id: str | None = None  # the check run or status at the host

    def branch(self, default_branch: str) -> str:
        """The branch that its versions are of. A fork's may have the name of one that it wants to change: not that."""
        taken = self.head_ref in (default_branch, self.base_ref)
        return f"pull/{self.number}" if taken else self.head_ref

    def is_current(self, version_id: str) -> bool:
        """Whether a version holds the newest head that is known, and the pull request is open."""
        return self.state == "open" and self.version_id == version_id and self.version_sha == self.head_sha

    def told(self, news: PullRequest) -> PullRequest:
        """This one with what a newer event tells; unchanged by an older one."""
        if news.changed_at < self.changed_at:
            return self
        kept = _OURS if news.author else (*_OURS, "author", "by_bot")  # not every event tells who made it
        return replace(news, **{name: getattr(self, name) for name in kept})

    def published(self, version_id: str, base_version_id: str | None, sha: str) -> PullRequest:
        return replace(self, version_id=version_id, base_version_id=base_version_id, version_sha=sha)
