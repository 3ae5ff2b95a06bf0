"""Files on the wire."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel

from functions.analysis.results import FileRow
from functions.analysis.schemas.cursors import numbers_of
from kernel.pages import PageQuery


class AnalysedFileQuery(PageQuery):
    status: Literal["parsed", "partial", "lexical", "skipped"] | None = None

    @property
    def behind(self) -> int:
        """Raises Invalid."""
        return numbers_of(self.cursor, 1)[0] if self.cursor else -1


class AnalysedFileOut(BaseModel):
    path: str
    language: str | None
    status: str | None
    reason: str | None
    notes: list[str]
    lines: int
    code_lines: int
    functions: int
    cyclomatic_max: int
    cognitive_max: int
    maintainability: float | None

    @classmethod
    def of(cls, row: FileRow) -> Self:
        return cls(
            path=row.path,
            language=row.language,
            status=row.status,
            reason=row.reason,
            notes=row.notes.split("\n") if row.notes else [],
            lines=row.lines,
            code_lines=row.code_lines,
            functions=row.functions,
            cyclomatic_max=row.max_cyclomatic,
            cognitive_max=row.max_cognitive,
            maintainability=row.maintainability,
        )
