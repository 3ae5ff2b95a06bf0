"""Analyses and artifacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from functions.analysis.lifecycle import Analysis, Artifact


class Analyses(Protocol):
    def get(self, analysis_id: str) -> Analysis:
        """Raises NotFound."""
        ...

    def lock(self, analysis_id: str) -> Analysis:
        """As `get`; nobody else changes it until the transaction ends. Raises NotFound."""
        ...

    def page(self, *, project_id: str | None, version_id: str | None, before: str | None, limit: int) -> list[Analysis]:
        """Up to `limit` analyses, newest first, beginning behind the id `before`."""
        ...

    def add(self, analysis: Analysis) -> bool:
        """False if the version is analysed already."""
        ...

    def save(self, analysis: Analysis) -> None:
        """Store a new revision. Raises Stale if somebody else stored one meanwhile."""
        ...

    def count_shard(self, analysis_id: str, *, files: int) -> Analysis:
        """Count one shard as done, in any order and under any concurrency; return the analysis after it."""
        ...

    def start(self, analysis_id: str) -> None:
        """Let a queued analysis run; any other stays as it is."""
        ...

    def baseline_of(self, analysis: Analysis) -> str | None:
        """The completed analysis of the baseline's version, else of the parent's, else the newest main one before."""
        ...

    def completed_of(self, version_id: str | None) -> str | None: ...

    def newest_main(self, project_id: str, *, before: str | None = None, until: datetime | None = None) -> str | None:
        """The newest completed analysis of the main line, older than the analysis `before`, made `until` then."""
        ...

    def newest_on(self, project_id: str, branch: str, *, before: str) -> str | None:
        """The newest completed analysis of a branch, older than the analysis `before`."""
        ...

    def newest_of_lines(self, project_id: str) -> list[str]:
        """The newest analysis of each line of the project, of those that completed among its newest twenty."""
        ...


class Artifacts(Protocol):
    def replace(self, analysis_id: str, artifacts: Sequence[Artifact]) -> None: ...

    def of(self, analysis_id: str) -> list[Artifact]: ...
