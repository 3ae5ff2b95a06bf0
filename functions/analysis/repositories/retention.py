"""What is kept, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DueProject:
    org_id: str
    project_id: str


class Retention(Protocol):
    def due(self, *, lease_s: float, limit: int) -> Sequence[DueProject]:
        """Claim projects of all organisations whose turn has come; nobody else gets them for `lease_s`."""
        ...

    def later(self, project_id: str, *, seconds: float) -> None:
        """Say when the project's turn comes again."""
        ...

    def expired(self, project_id: str, *, days: int, limit: int) -> list[str]:
        """Up to `limit` analyses that ended longer than `days` ago and that nothing needs, the oldest first.

        Needed are: the project's newest completed analysis, overall and of its main line; what a younger or unfinished
        one is compared with; a baseline that was set; and what problems' states or the graph were last moved by.
        """
        ...

    def forget(self, project_id: str, analysis_id: str) -> None:
        """Delete which problems an analysis' findings are, where no other analysis of the project has the content."""
        ...
