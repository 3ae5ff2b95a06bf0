"""Files of an analysis, and the results of their contents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from functions.analysis.lifecycle import Analysis
from functions.analysis.pieces import PlannedFile
from functions.analysis.results import Document, FileRow, Summary


class Files(Protocol):
    def add(self, analysis: Analysis, files: Sequence[PlannedFile]) -> set[int]:
        """Store an analysis' list of files, tied to the results that are there; return `seq` of those without one."""
        ...

    def tie(self, analysis_id: str, results: Mapping[int, int]) -> None:
        """Tie files (by `seq`) to the results of their contents."""
        ...

    def skip(self, analysis_id: str, reasons: Mapping[int, str]) -> None:
        """Say of files (by `seq`) why they were not read."""
        ...

    def contents(self, analysis_id: str) -> dict[str, tuple[int, int]]:
        """`seq` and result by path, of the files that have a result."""
        ...

    def page(self, analysis_id: str, *, status: str | None, after: int, limit: int) -> list[FileRow]:
        """Up to `limit` files in the order of paths, beginning behind `after`."""
        ...

    def all(self, analysis_id: str) -> Iterator[FileRow]: ...

    def summary(self, analysis_id: str) -> Summary: ...


class Results(Protocol):
    def add(self, results: Sequence[tuple[str, Document]]) -> list[int]:
        """Store documents of the engines with their language keys; return their ids, in order.

        What is there already stays as it is.
        """
        ...

    def outlines(self, result_ids: Sequence[int]) -> Iterator[tuple[int, Document]]:
        """All of the documents but calls and findings, a few at a time."""
        ...

    def calls(self, result_ids: Sequence[int]) -> Iterator[tuple[int, Document]]:
        """The documents' calls, a few at a time."""
        ...
