"""What the use cases need from the outside."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from functions.version.model import Experiment
from kernel.identity import Caller
from kernel.ports import Permissions, SharedWork


class Experiments(Protocol):
    def get(self, experiment_id: str) -> Experiment:
        """Raises NotFound."""
        ...

    def page(self, *, after: str | None, limit: int) -> list[Experiment]:
        """Up to `limit` experiments, oldest first, beginning behind the id `after`."""
        ...

    def add(self, experiment: Experiment) -> None:
        """Raises Conflict if the organisation has an experiment of that name."""
        ...

    def save(self, experiment: Experiment) -> None:
        """Store a new revision. Raises Stale if somebody else stored one meanwhile."""
        ...


class Work(SharedWork, Protocol):
    """The shared work and this domain's repositories, in one transaction."""

    @property
    def experiments(self) -> Experiments: ...


@dataclass(frozen=True, slots=True)
class Deps:
    work: Callable[[Caller], AbstractContextManager[Work]]
    permissions: Permissions
    new_id: Callable[[], str]
    ready: Callable[[], None]
