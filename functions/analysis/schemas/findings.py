"""Findings of an analysis on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field

from functions.analysis.model import Severity
from functions.analysis.results import ListedFinding, Listing
from functions.analysis.schemas.cursors import numbers_of
from functions.analysis.tracking.problems import Dismissal, DismissalReason
from kernel.errors import Invalid
from kernel.pages import PageQuery

LONGEST_PATH, LONGEST_RULE = 4096, 200


def severities_of(listed: str | None) -> tuple[str, ...]:
    """Several, separated by commas. Raises Invalid."""
    names = tuple(name.strip() for name in (listed or "").split(",") if name.strip())
    if unknown := set(names) - set(Severity):
        raise Invalid("no such severity", severity=min(unknown))
    return names


class FindingQuery(PageQuery):
    """`severity` may name several, separated by commas."""

    severity: str | None = Field(default=None, max_length=60, examples=["critical,high"])
    path: str | None = Field(default=None, max_length=LONGEST_PATH)
    new: bool | None = None
    state: Literal["open", "dismissed"] | None = None
    rule: str | None = Field(default=None, max_length=LONGEST_RULE)

    def listing(self) -> Listing:
        """One more than a page, to see whether another follows. Raises Invalid."""
        after = numbers_of(self.cursor, 3) if self.cursor else None
        return Listing(
            severities=severities_of(self.severity),
            path=self.path,
            new=self.new,
            after=(after[0], after[1], after[2]) if after else None,
            limit=self.limit + 1,
            rule=self.rule,
            state=self.state,
        )


class DismissalOut(BaseModel):
    """It holds for all versions and branches of the project, until `expires_at` if there is one."""

    reason: DismissalReason
    comment: str
    by: str
    at: datetime
    expires_at: datetime | None

    @classmethod
    def of(cls, said: Dismissal) -> Self:
        return cls(reason=said.reason, comment=said.comment, by=said.by, at=said.at, expires_at=said.expires_at)


class SeenOut(BaseModel):
    version_id: str
    analysis_id: str
    at: datetime | None = None


class FindingOut(BaseModel):
    """`id` is the same in all versions of the project, wherever the code moves. `new` never holds for dismissed ones."""

    id: str
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
    new: bool
    state: Literal["open", "dismissed"] = Field(description="what an analysis has is not fixed in it")
    first_seen: SeenOut | None = Field(description="null while the analysis runs")
    dismissal: DismissalOut | None

    @classmethod
    def of(cls, found: ListedFinding, project_id: str) -> Self:
        own = ("id", "first_seen", "dismissal")
        fields = {name: getattr(found, name) for name in cls.model_fields if name not in own}
        return cls(id=found.id(project_id), first_seen=_first(found), dismissal=_dismissal(found), **fields)


def _first(found: ListedFinding) -> SeenOut | None:
    if found.first_version_id is None or found.first_analysis_id is None:
        return None
    return SeenOut(version_id=found.first_version_id, analysis_id=found.first_analysis_id)


def _dismissal(found: ListedFinding) -> DismissalOut | None:
    if found.reason is None or found.dismissed_at is None:
        return None
    return DismissalOut(
        reason=DismissalReason(found.reason),
        comment=found.comment or "",
        by=found.dismissed_by or "",
        at=found.dismissed_at,
        expires_at=found.expires_at,
    )
