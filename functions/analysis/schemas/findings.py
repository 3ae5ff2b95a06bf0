"""Findings on the wire."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from functions.analysis.model import Severity
from functions.analysis.results import ListedFinding, Listing
from functions.analysis.schemas.cursors import numbers_of
from kernel.errors import Invalid
from kernel.pages import PageQuery


class FindingQuery(PageQuery):
    """`severity` may name several, separated by commas."""

    severity: str | None = Field(default=None, max_length=60, examples=["critical,high"])
    path: str | None = Field(default=None, max_length=4096)
    new: bool | None = None

    def listing(self) -> Listing:
        """One more than a page, to see whether another follows. Raises Invalid."""
        names = tuple(name.strip() for name in (self.severity or "").split(",") if name.strip())
        if unknown := set(names) - set(Severity):
            raise Invalid("no such severity", severity=min(unknown))
        after = numbers_of(self.cursor, 3) if self.cursor else None
        place = (after[0], after[1], after[2]) if after else None
        return Listing(names, self.path, self.new, place, self.limit + 1)


class FindingOut(BaseModel):
    id: str
    rule: str
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

    @classmethod
    def of(cls, found: ListedFinding, project_id: str) -> Self:
        fields = {name: getattr(found, name) for name in cls.model_fields if name != "id"}
        return cls(id=found.id(project_id), **fields)
