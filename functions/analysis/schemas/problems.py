"""Findings over the versions of a project on the wire, and what people do with them."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from functions.analysis.model import Severity
from functions.analysis.schemas.cursors import numbers_of
from functions.analysis.schemas.findings import LONGEST_PATH, LONGEST_RULE, DismissalOut, SeenOut, severities_of
from functions.analysis.tracking.problems import (
    MOST,
    Action,
    Change,
    Details,
    DismissalReason,
    Entry,
    Problem,
    ProblemState,
    Wanted,
)
from kernel.errors import Invalid
from kernel.pages import Id, PageQuery

LONGEST_COMMENT = 2_000
Comment = Annotated[str, Field(min_length=1, max_length=LONGEST_COMMENT, pattern=r"\S")]


class ProjectFindingQuery(PageQuery):
    """Of one project; `severity` and `state` may name several, separated by commas.

    Without a state: all that the main line has or had, and all that somebody dismissed. Open are those that the newest
    analysis of the main line has.
    """

    project_id: Id
    severity: str | None = Field(default=None, max_length=60, examples=["critical,high"])
    state: str | None = Field(default=None, max_length=60, examples=["open,dismissed"])
    rule: str | None = Field(default=None, max_length=LONGEST_RULE)
    path: str | None = Field(default=None, max_length=LONGEST_PATH)

    def wanted(self) -> Wanted:
        """One more than a page. Raises Invalid."""
        return Wanted(
            project_id=self.project_id,
            states=_states_of(self.state),
            severities=severities_of(self.severity),
            rule=self.rule,
            path=self.path,
            after=_place_of(self.cursor) if self.cursor else None,
            limit=self.limit + 1,
        )


def _states_of(listed: str | None) -> tuple[ProblemState, ...]:
    names = [name.strip() for name in (listed or "").split(",") if name.strip()]
    if unknown := set(names) - set(ProblemState):
        raise Invalid("no such state", state=min(unknown))
    return tuple(ProblemState(name) for name in names)


def cursor_after(problem: Problem) -> str:
    return base64.urlsafe_b64encode(f"at:{problem.rank}.{problem.id}".encode()).decode()


def _place_of(cursor: str) -> tuple[int, str]:
    try:
        word, _, rest = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        rank, _, id_ = rest.partition(".")
        if word == "at" and 0 <= int(rank) < len(Severity):
            return int(rank), str(UUID(id_))
    except (ValueError, binascii.Error) as bad:
        raise Invalid("this cursor is not one of ours", code="bad_cursor") from bad
    raise Invalid("this cursor is not one of ours", code="bad_cursor")


class ProjectFindingOut(BaseModel):
    """A finding where it was seen last: in the main line, or on a branch if that never had it."""

    id: str
    project_id: str
    rule: str
    title: str
    message: str
    severity: Severity
    confidence: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    cwe: int | None
    owasp: str
    help: str
    fix: str
    fingerprint: str
    state: ProblemState
    present: bool = Field(description="whether the newest analysis of the main line has it")
    withheld: str | None = Field(
        description="why it is not seen, which does not say that it is fixed: rule_disabled, path_excluded, not_read, not_imported"
    )
    reopened: int = Field(description="how often it was fixed and came back")
    first_seen: SeenOut
    last_seen: SeenOut
    dismissal: DismissalOut | None

    @classmethod
    def of(cls, problem: Problem, details: Details) -> Self:
        seen = {
            "first_seen": SeenOut(
                version_id=problem.first_version_id, analysis_id=problem.first_analysis_id, at=problem.first_seen_at
            ),
            "last_seen": SeenOut(version_id=problem.last_version_id, analysis_id=problem.last_analysis_id),
        }
        own = {
            name: getattr(problem, name) for name in cls.model_fields if hasattr(problem, name) and name != "dismissal"
        }
        said = {name: getattr(details, name) for name in Details.__slots__}
        dismissal = DismissalOut.of(problem.dismissal) if problem.dismissal else None
        return cls(**said | own | seen, dismissal=dismissal)


class FindingDismissalIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "accepted", "comment": "only our own commands"}}
    )

    reason: DismissalReason
    comment: Comment
    expires_at: AwareDatetime | None = Field(default=None, description="when it holds no more")

    def action(self) -> Action:
        return Action(self.comment, self.reason, self.expires_at)


class FindingReopeningIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"comment": "it takes input now"}})

    comment: Comment

    def action(self) -> Action:
        return Action(self.comment)


class FindingFilterIn(BaseModel):
    """At least one of these, as in the list of findings."""

    model_config = ConfigDict(extra="forbid")

    severity: str | None = Field(default=None, max_length=60)
    state: str | None = Field(default=None, max_length=60)
    rule: str | None = Field(default=None, max_length=LONGEST_RULE)
    path: str | None = Field(default=None, max_length=LONGEST_PATH)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any((self.severity, self.state, self.rule, self.path)):
            raise ValueError("an empty filter would mean all findings")
        return self

    def wanted(self, project_id: str) -> Wanted:
        """Raises Invalid."""
        return Wanted(project_id, _states_of(self.state), severities_of(self.severity), self.rule, self.path)


class FindingsActionIn(BaseModel):
    """One action on findings of a project: named, or the first thousand of a filter."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "project_id": "01890000-0000-7000-8000-0000000000d1",
                "action": "dismiss",
                "reason": "wont_fix",
                "comment": "goes away with the next release",
                "filter": {"rule": "ruff/F401"},
            }
        },
    )

    project_id: Id
    action: Literal["dismiss", "reopen"]
    reason: DismissalReason | None = None
    comment: Comment
    expires_at: AwareDatetime | None = None
    finding_ids: list[Id] | None = Field(default=None, min_length=1, max_length=MOST)
    filter: FindingFilterIn | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.finding_ids is None) == (self.filter is None):
            raise ValueError("either finding_ids or a filter")
        if (self.action == "dismiss") != (self.reason is not None):
            raise ValueError("a dismissal has a reason, and nothing else has one")
        if self.action == "reopen" and self.expires_at is not None:
            raise ValueError("only a dismissal expires")
        return self

    def what(self) -> Action:
        return Action(self.comment, self.reason, self.expires_at)


class FindingOutcomeOut(BaseModel):
    id: str
    outcome: Literal["done", "unchanged", "not_found", "not_dismissed"]


class FindingsActionOut(BaseModel):
    """All that could be done is done, in one step. `more`: the filter names further findings; ask again."""

    items: list[FindingOutcomeOut]
    done: int
    more: bool


class FindingHistoryQuery(PageQuery):
    @property
    def behind(self) -> int:
        """Raises Invalid."""
        return numbers_of(self.cursor, 1)[0] if self.cursor else -1


class FindingChangeOut(BaseModel):
    """Who changed a finding, when, why, and in which analysis if one did."""

    change: Change
    at: datetime
    analysis_id: str | None
    version_id: str | None
    actor_id: str | None
    actor_kind: str | None
    reason: str | None
    comment: str | None
    expires_at: datetime | None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(**{name: getattr(entry, name) for name in Entry.__slots__})
