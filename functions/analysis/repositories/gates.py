"""Results of quality gates, and what they are decided from."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from functions.analysis.gates import Gate, Measured
from functions.analysis.lifecycle import Analysis


class Gates(Protocol):
    def begin(self, analysis_id: str) -> int:
        """Say that a gate is about to be decided; the number says how often somebody wanted that."""
        ...

    def measured(self, analysis: Analysis) -> Measured:
        """As of now."""
        ...

    def store(self, analysis_id: str, begun: int, gate: Gate, at: datetime) -> None:
        """Store a result, unless one is stored that began later."""
        ...

    def settled(self, analysis_id: str) -> bool:
        """Whether the stored result is known, and nobody wants another since it began."""
        ...

    def show(self, analysis_id: str) -> bool:
        """Let a complete analysis have its stored result; whether that is another than before."""
        ...

    def want(self, project_id: str, analysis_ids: list[str]) -> None:
        """Say that results of these analyses, and of those that are about to be complete, may have changed."""
        ...

    def of(self, analysis_id: str) -> Gate | None: ...
