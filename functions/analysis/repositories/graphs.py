"""What is known about the graph store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from functions.analysis.lifecycle import Analysis
from functions.analysis.resolution.linking import Linked


class Graphs(Protocol):
    """What is known about the project's part of the graph store."""

    def begin(self, analysis: Analysis) -> bool | None:
        """Say that a write begins. None if a newer analysis has written; else whether the store is as it is known.

        If it is not, all that was known is forgotten: the project's graph is to be written anew.
        """
        ...

    def written(self, project_id: str) -> dict[str, int]:
        """Result by path of the files that the graph knows."""
        ...

    def files(self, analysis: Analysis) -> dict[str, int]:
        """Result by path of all files of the analysis that have a parser."""
        ...

    def known(self, project_id: str, paths: Sequence[str]) -> dict[str, tuple[int, Linked]]:
        """What the graph knows of these files: the result they were linked from, and their links."""
        ...

    def dependants(self, project_id: str, *, consulted: Sequence[str], stems: Sequence[str]) -> set[str]:
        """Paths whose links were found with one of the files `consulted`, or may mean a module called so."""
        ...

    def store(self, project_id: str, linked: Iterable[tuple[str, int, Linked]]) -> None: ...

    def forget(self, project_id: str, paths: Sequence[str]) -> None: ...

    def end(self, analysis: Analysis) -> None:
        """Say that the store is now as it is known."""
        ...

    def importers(self, project_id: str, paths: Sequence[str]) -> dict[str, int]:
        """How many files of the project use each of `paths`, as far as the graph was resolved."""
        ...
