"""What an event of any host says, in one form."""

from __future__ import annotations

from dataclasses import dataclass

from functions.project.repositories import PullRequest

LARGEST_BODY = 5 * 1024 * 1024  # bytes: a push of 2,048 commits, the most that GitHub tells of, has 2 MB


@dataclass(frozen=True, slots=True)
class Pushed:
    """A branch has a new tip; `repository` is its address."""

    repository: str
    branch: str
    sha: str
    by_bot: bool


@dataclass(frozen=True, slots=True)
class Proposed:
    """Something happened to a pull request; `asks` says whether that calls for a look at it."""

    repository: str
    pull: PullRequest
    asks: bool


@dataclass(frozen=True, slots=True)
class Other:
    """Nothing that is acted on; `reason` says why."""

    reason: str


Notice = Pushed | Proposed | Other


@dataclass(frozen=True, slots=True)
class Posted:
    """A request as it arrived; names of headers are in lower case."""

    headers: dict[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True)
class Told:
    """Who the delivery says it is, and what it is about."""

    delivery: str
    event: str
    action: str
