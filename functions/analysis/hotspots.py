"""Where work piles up: files that change often and are complex, and files that change together.

What was not measured is said and never counted as nothing: a file without commits in the window is cold, a file in
a language without a parser has no complexity.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from functions.analysis.history import History

WIDEST_COMMIT = 30  # files; wider ones (a new licence header, a formatter) say nothing about coupling
SHOWN = 100


class Measured(NamedTuple):
    """`complexity` is the highest cyclomatic complexity of a function; None where no parser read the file."""

    complexity: int | None
    code_lines: int


class Hotspot(NamedTuple):
    """`score` is commits × complexity."""

    path: str
    score: int
    commits: int
    added: int
    deleted: int
    authors: int
    complexity: int
    code_lines: int


@dataclass(frozen=True, slots=True)
class Hotspots:
    items: list[Hotspot]
    unmeasured: list[str]  # paths that changed, without a complexity
    truncated: bool


@dataclass(slots=True)
class _Churn:
    commits: int = 0
    added: int = 0
    deleted: int = 0


def hotspots(history: History, files: Mapping[str, Measured]) -> Hotspots:
    """Of the files that the version has, the hottest first."""
    churn, authors = _churn(history, files)
    items = [
        Hotspot(
            path,
            one.commits * complexity,
            one.commits,
            one.added,
            one.deleted,
            len(authors[path]),
            complexity,
            files[path].code_lines,
        )
        for path, one in churn.items()
        if (complexity := files[path].complexity) is not None
    ]
    items.sort(key=lambda one: (-one.score, -one.commits, one.path))
    unmeasured = sorted(path for path in churn if files[path].complexity is None)
    return Hotspots(items[:SHOWN], unmeasured[:SHOWN], max(len(items), len(unmeasured)) > SHOWN)


def _churn(history: History, files: Mapping[str, Measured]) -> tuple[Mapping[str, _Churn], Mapping[str, set[str]]]:
    churn: dict[str, _Churn] = defaultdict(_Churn)
    authors: dict[str, set[str]] = defaultdict(set)
    for commit in history.commits:
        for path, added, deleted in commit.files:
            if path in files:
                one = churn[path]
                one.commits, one.added, one.deleted = one.commits + 1, one.added + added, one.deleted + deleted
                authors[path].add(commit.author)
    return churn, authors


class Coupled(NamedTuple):
    """`support` is in how many commits both changed, `confidence` how often `path` took `other` along."""

    path: str
    other: str
    support: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Coupling:
    items: list[Coupled]
    commits: int  # that were looked at
    wide: int  # that were left out
    truncated: bool


def coupling(history: History, files: Iterable[str], *, path: str | None, support: int, confidence: float) -> Coupling:
    """Pairs of files that change together, each in the direction in which it is surer; of `path`, from it."""
    kept, wide = _kept(history, frozenset(files))
    single: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for paths in kept:
        single.update(paths)
        pairs.update(combinations(paths, 2) if path is None else _pairs_with(path, paths))
    items = [
        pair
        for (one, other), times in pairs.items()
        if times >= support and (pair := _coupled(one, other, times, single, path)).confidence >= confidence
    ]
    items.sort(key=lambda one: (-one.confidence, -one.support, one.path, one.other))
    return Coupling(items[:SHOWN], len(kept), wide, len(items) > SHOWN)


def _kept(history: History, files: frozenset[str]) -> tuple[list[list[str]], int]:
    narrow = [commit for commit in history.commits if len(commit.files) <= WIDEST_COMMIT]
    inside = [sorted(touched.path for touched in commit.files if touched.path in files) for commit in narrow]
    return [paths for paths in inside if paths], len(history.commits) - len(narrow)


def _pairs_with(path: str, paths: list[str]) -> list[tuple[str, str]]:
    return [(path, other) for other in paths if other != path] if path in paths else []


def _coupled(one: str, other: str, times: int, single: Mapping[str, int], path: str | None) -> Coupled:
    if path is None and single[other] < single[one]:
        one, other = other, one
    return Coupled(one, other, times, round(times / single[one], 3))
