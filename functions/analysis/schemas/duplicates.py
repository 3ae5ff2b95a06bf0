"""Duplicates on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, Field

from functions.analysis.schemas.cursors import numbers_of
from kernel.pages import PageQuery


class DuplicateQuery(PageQuery):
    @property
    def behind(self) -> int:
        """Raises Invalid."""
        return numbers_of(self.cursor, 1)[0] if self.cursor else -1


class DuplicatePlaceOut(BaseModel):
    path: str
    line: int
    end_line: int


class DuplicateOut(BaseModel):
    """The same code at several places."""

    id: str = Field(description="of the code: equal code has the same one in every analysis")
    tokens: int
    lines: int
    places: list[DuplicatePlaceOut] = Field(description="in the order of paths, 50 at most")
    places_total: int

    @classmethod
    def of(cls, group: Mapping[str, Any]) -> Self:
        places = [DuplicatePlaceOut(path=path, line=line, end_line=end) for path, line, end in group["places"]]
        return cls.model_validate({**group, "places": places})
