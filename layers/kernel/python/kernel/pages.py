"""Lists by cursor: each page says where the next begins."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kernel.errors import Invalid


class Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T")
Row = TypeVar("Row")
Shown = TypeVar("Shown", bound=Identified)
Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]


class PageQuery(BaseModel):
    """`?limit=` (1 to 200) and `?cursor=` of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=200)

    @property
    def after(self) -> str | None:
        """The id after which the page begins. Raises Invalid if the cursor is not one of ours."""
        return _decode(self.cursor) if self.cursor else None


class Page(BaseModel, Generic[T]):
    items: list[T]
    next_cursor: str | None = Field(default=None, description="pass it as `cursor` to get the next page")


def page_of(found: Sequence[Row], query: PageQuery, show: Callable[[Row], Shown]) -> Page[Shown]:
    """A page of what was found in the order of ids: one row more than the query's limit says that another page follows."""
    items = [show(row) for row in found[: query.limit]]
    return Page(items=items, next_cursor=next_cursor(items[-1].id if len(found) > query.limit else None))


def next_cursor(last_id: str | None) -> str | None:
    return base64.urlsafe_b64encode(f"after:{last_id}".encode()).decode() if last_id else None


def _decode(cursor: str) -> str:
    try:
        word, _, last_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        if word != "after":
            raise ValueError(word)
        return str(UUID(last_id))
    except (ValueError, binascii.Error) as bad:
        raise Invalid("this cursor is not one of ours", code="bad_cursor") from bad
