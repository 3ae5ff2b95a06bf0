"""What the use cases need from the outside."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from functions.comparison.model import Comparison
from kernel.identity import Caller
from kernel.ports import Permissions, SharedWork


class Comparisons(Protocol):
    def get(self, comparison_id: str) -> Comparison:
        """Raises NotFound."""
        ...

    def page(self, *, after: str | None, limit: int) -> list[Comparison]:
        """Up to `limit` comparisons, oldest first, beginning behind the id `after`."""
        ...

    def add(self, comparison: Comparison) -> None:
        """Raises Conflict if the organisation has a comparison of that name."""
        ...


class Work(SharedWork, Protocol):
    """The shared work and this domain's repositories, in one transaction."""

    @property
    def comparisons(self) -> Comparisons: ...


@dataclass(frozen=True, slots=True)
class Deps:
    work: Callable[[Caller], AbstractContextManager[Work]]
    permissions: Permissions
    new_id: Callable[[], str]
    ready: Callable[[], None]
