"""A problem over the versions of a project: seen, dismissed with a reason, fixed, seen again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from functions.analysis.results import SEVERITIES
from kernel.errors import Conflict, Invalid

MOST = 1_000  # problems in one action


class ProblemState(StrEnum):
    """`fixed` is of the main line: a branch may still have it."""

    OPEN = "open"
    DISMISSED = "dismissed"
    FIXED = "fixed"


class DismissalReason(StrEnum):
    """Why somebody dismisses a problem."""

    FALSE_POSITIVE = "false_positive"
    ACCEPTED = "accepted"
    WONT_FIX = "wont_fix"


class Change(StrEnum):
    """An entry of a problem's history."""

    FOUND = "found"
    DISMISSED = "dismissed"
    REOPENED = "reopened"  # somebody took the dismissal back
    EXPIRED = "expired"  # the dismissal's time is over
    FIXED = "fixed"
    CAME_BACK = "came_back"
    WITHHELD = "withheld"  # neither seen nor fixed: the reason says why


WITHHELD = MappingProxyType(
    {
        "rule_disabled": "the project's settings disable its rule",
        "path_excluded": "the project's settings exclude its file",
        "not_read": "its file could not be read this time",
        "not_imported": "nobody imported what its tool says about this version",
    }
)
"""Why a problem that is not seen any more does not count as fixed."""


@dataclass(frozen=True, slots=True)
class Dismissal:
    reason: DismissalReason
    comment: str
    by: str
    at: datetime
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        """Raises Invalid if it is over before it begins."""
        if self.expires_at is not None and self.expires_at <= self.at:
            raise Invalid("a dismissal expires in the future", expires_at=self.expires_at.isoformat())


@dataclass(frozen=True, slots=True)
class Problem:
    """`present`: in the newest version of the main line. `landed`: it ever was. Places are those seen last."""

    id: str
    project_id: str
    rule: str
    rank: int
    path: str
    line: int
    state: ProblemState
    present: bool
    landed: bool
    withheld: str | None
    reopened: int
    first_analysis_id: str
    first_version_id: str
    first_seen_at: datetime
    last_analysis_id: str
    last_version_id: str
    dismissal: Dismissal | None = None

    @property
    def severity(self) -> str:
        return SEVERITIES[self.rank]

    def dismiss(self, dismissal: Dismissal) -> Problem:
        """A second dismissal takes the place of the first."""
        return replace(self, state=ProblemState.DISMISSED, dismissal=dismissal)

    def reopen(self) -> Problem:
        """What it is without its dismissal. Raises Conflict if it has none."""
        if self.state is not ProblemState.DISMISSED:
            raise Conflict(f"it is {self.state}, not dismissed", code="not_dismissed", finding_id=self.id)
        gone = self.landed and not self.present and self.withheld is None
        return replace(self, state=ProblemState.FIXED if gone else ProblemState.OPEN, dismissal=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of a problem: who, when, why, and in which analysis if one made it."""

    change: Change
    at: datetime
    analysis_id: str | None = None
    version_id: str | None = None
    actor_id: str | None = None
    actor_kind: str | None = None
    reason: str | None = None
    comment: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which problems of a project: empty or None means all. `after` is (rank, id) of the last one seen."""

    project_id: str
    states: tuple[ProblemState, ...] = ()
    severities: tuple[str, ...] = ()
    rule: str | None = None
    path: str | None = None
    after: tuple[int, str] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody does to problems: dismiss them with a reason, or without one reopen them."""

    comment: str
    reason: DismissalReason | None = None
    expires_at: datetime | None = None

    @property
    def state(self) -> ProblemState:
        return ProblemState.DISMISSED if self.reason else ProblemState.OPEN


@dataclass(frozen=True, slots=True)
class Details:
    """What the finding of a problem says, where it was seen last."""

    title: str = ""
    message: str = ""
    confidence: str = ""
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    fingerprint: str = ""
    cwe: int | None = None
    owasp: str = ""
    help: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class FindingsChanged:
    """Domain event: problems of a project were dismissed, reopened or fixed, by somebody or by an analysis."""

    change: ProblemState
    project_id: str
    finding_ids: tuple[str, ...]
    at: datetime
    analysis_id: str | None = None
    by: str | None = None
    reason: str | None = None
