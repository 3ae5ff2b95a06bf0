"""What is to be told of a pull request at its host, and what was. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

MOST_INLINE = 10  # comments on lines that one analysis may add
MOST_LISTED = 50  # findings in a summary
MOST_ATTEMPTS = 8
BACKOFF_S = 30.0  # doubled with each attempt, ± half
LONGEST_WAIT_S = 3_600.0  # that a host may ask for


class PostingState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    OUTDATED = "outdated"  # there is a newer head, or the pull request is not open any more
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Completion:
    """What the newest analysis of a version says, and where; `gate` is passed, failed, none or unknown."""

    org_id: str
    project_id: str
    version_id: str
    analysis_id: str
    news_key: str
    gate: str
    completed_at: datetime


@dataclass(frozen=True, slots=True)
class Posting:
    """What is told of one pull request. `wanted` counts wishes: who ends one must have begun the newest."""

    id: str
    org_id: str
    project_id: str
    number: int
    version_id: str
    updated_at: datetime
    wanted: int = 1
    state: PostingState = PostingState.WAITING
    code: str | None = None
    detail: str | None = None

    def ended(self, state: PostingState, at: datetime, code: str | None = None, detail: str | None = None) -> Posting:
        return replace(self, state=state, updated_at=at, code=code, detail=detail)


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding that was told of at a pull request, at its line or only in the summary."""

    org_id: str
    project_id: str
    number: int
    finding_id: str
    inline: bool
    severity: str
    rule: str
    path: str
    line: int
    said_at: datetime


def backoff_s(attempts: int) -> float:
    return float(min(BACKOFF_S * 2 ** (attempts - 1), LONGEST_WAIT_S))
