"""Logs of other tools that an analysis was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Import:
    """What one tool says about an analysis' version; `key` is where its findings lie in the bucket."""

    id: str
    analysis_id: str
    tool: str
    sha256: str
    key: str
    findings: int
    left_out: Mapping[str, int]
    created_by: str
    created_at: datetime


class Imports(Protocol):
    def put(self, given: Import) -> Import:
        """Take the place of what the same tool said before; the same log again changes nothing and returns what is there."""
        ...

    def of(self, analysis_id: str) -> list[Import]:
        """By tool."""
        ...

    def unknown_paths(self, analysis_id: str, paths: Sequence[str]) -> set[str]:
        """Those that the analysed version does not have."""
        ...
