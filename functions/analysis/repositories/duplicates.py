"""Duplicates of a project and of an analysis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from functions.analysis.duplicates import Clone, Extent
from functions.analysis.engines.shingles import Shingled
from functions.analysis.lifecycle import Analysis

MOST_OF_A_GRAM = 40
"""A gram that stands at more places of a project says nothing: it is idiom, or made to cost time."""


class Duplicates(Protocol):
    """An index of the grams of a project's newest merged contents, and the clones between these contents.

    Every change of it can be broken off and done again: what is missing shows in `indexed` and `unpaired`.
    """

    def begin(self, analysis: Analysis) -> None:
        """Say that this analysis' merge moves the index; whoever moved it before must not go on."""
        ...

    def claim(self, analysis: Analysis) -> bool:
        """Lock the index until the transaction ends; False if another analysis' merge moves it by now."""
        ...

    def compared(self, analysis: Analysis) -> list[tuple[int, str, int]]:
        """Result, path and lines of the analysis' files that have tokens and are no tests, in the order of paths."""
        ...

    def indexed(self, project_id: str) -> set[int]:
        """The contents that the index holds."""
        ...

    def add(self, project_id: str, contents: Sequence[tuple[Extent, Shingled]]) -> None:
        """Take up contents, and look again at those whose grams have become too common with them."""
        ...

    def remove(self, project_id: str, result_ids: Sequence[int]) -> None:
        """Give up contents, and look again at those whose grams are no longer too common without them."""
        ...

    def unpaired(self, project_id: str, limit: int) -> list[tuple[int, int]]:
        """Contents whose clones are to be found, with the number of their grams."""
        ...

    def seeds(self, project_id: str, result_ids: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
        """Equal grams (left content, token, right content, token) that are not too common, left before right.

        One side is of `result_ids`, the other of these or of those whose clones are known.
        """
        ...

    def tokens(self, result_ids: Iterable[int]) -> Iterator[tuple[int, Shingled]]: ...

    def pair(self, project_id: str, result_ids: Sequence[int], clones: Sequence[Clone]) -> None:
        """Store all clones of these contents."""
        ...

    def clones(self, project_id: str) -> Iterator[Clone]: ...

    def extents(self, project_id: str, result_ids: Sequence[int]) -> list[Extent]: ...

    def store(self, analysis_id: str, groups: Sequence[Mapping[str, Any]]) -> None: ...

    def page(self, analysis_id: str, *, after: int, limit: int) -> list[Mapping[str, Any]]:
        """Up to `limit` stored groups, beginning behind number `after`."""
        ...
