"""Findings."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from functions.analysis.lifecycle import Analysis
from functions.analysis.results import Counts, ListedFinding, Listing
from functions.analysis.tracking.places import Found


class Findings(Protocol):
    def page(self, analysis: Analysis, listing: Listing) -> list[ListedFinding]:
        """Findings, worst first, then by path and line."""
        ...

    def of_results(self, result_ids: Collection[int]) -> dict[int, list[Found]]:
        """What identifies the findings of results, in the order of their numbers."""
        ...

    def counts(self, analysis: Analysis) -> Counts:
        """As of now: a finding that is dismissed meanwhile is counted as such."""
        ...
