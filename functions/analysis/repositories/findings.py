"""Findings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from functions.analysis.lifecycle import Analysis
from functions.analysis.results import ListedFinding, Listing, Mark


class Findings(Protocol):
    def page(self, analysis: Analysis, listing: Listing) -> list[ListedFinding]:
        """Findings, worst first, then by path and line."""
        ...

    def marks(self, files: Iterable[tuple[str, int, int]]) -> list[Mark]:
        """What identifies the findings of files (path, seq, result)."""
        ...

    def mark_new(self, analysis_id: str, places: Iterable[tuple[int, int]]) -> None:
        """Remember which (file seq, finding number) are new in an analysis that has a baseline."""
        ...
