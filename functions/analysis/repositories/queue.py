"""Analyses that are not over, as those see them who cancel, restart and refuse them."""

from __future__ import annotations

from typing import Protocol

from functions.analysis.lifecycle import Analysis


class Queue(Protocol):
    def lock(self, analysis_id: str) -> Analysis:
        """The analysis, which nobody else changes until the unit of work ends. Raises NotFound."""
        ...

    def clear(self, analysis_id: str) -> None:
        """Forget its files, shards, findings' places, artifacts and gate; results of contents stay."""
        ...

    def waiting_on(self, analysis: Analysis) -> list[Analysis]:
        """Analyses of older versions on the same branch that nobody has begun, oldest first."""
        ...

    def has_newer(self, analysis: Analysis) -> bool:
        """Whether a version of the same branch that was published later is here already."""
        ...

    def count_open(self, project_id: str) -> tuple[int, int]:
        """How many analyses of the project, and of its organisation, are not over."""
        ...
