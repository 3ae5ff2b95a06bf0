"""Which removed file became which added one, found as git does (diffcore-rename.c) with its default of 50 %.

First equal contents, then files whose name alone is unique on both sides and that are at least 75 % alike, then the
most alike pairs of all that are left. Alike are two files by the bytes of their lines (of 64 bytes at most) that the
other one has too, against the size of the larger.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from functions.project.diffs.hunks import is_binary, lines_of
from functions.project.limits import LARGEST_CANDIDATES, LARGEST_COMPARED, MOST_CANDIDATES

WHOLE = 60_000  # git's MAX_SCORE
LEAST = WHOLE // 2
LEAST_BY_NAME = LEAST + (WHOLE - LEAST) // 2
KEPT = 4  # candidates of each added file: git's NUM_CANDIDATE_PER_DST
CHUNK = 64
Chunks = Mapping[bytes, int]


class Side(Protocol):
    """A file on one side of the comparison."""

    @property
    def path(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def size_bytes(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Renames:
    """`pairs` is by added path: what it was, and how alike they are in per cent.

    `complete` is false if there were too many or too large files to compare contents that are not equal.
    """

    pairs: Mapping[str, tuple[str, int]]
    complete: bool


class _Candidate(NamedTuple):
    score: int
    same_name: bool
    added: int
    removed: int


class Similarity(Protocol):
    def __call__(self, removed: Side, added: Side, least: int) -> int: ...


def find(
    removed: Sequence[Side], added: Sequence[Side], load: Callable[[Iterable[Side]], Mapping[str, bytes]]
) -> Renames:
    """Pair files, both sorted by path; `load` gives contents by SHA-256."""
    exact = _exact(removed, added)
    found = {path: (old, 100) for path, old in exact.items()}
    used = set(exact.values())
    left = [side for side in removed if side.path not in used]
    right = [side for side in added if side.path not in exact]
    if not left or not right:
        return Renames(found, complete=True)
    small, others = _comparable(left), _comparable(right)
    complete = len(small) == len(left) and len(others) == len(right)
    if max(len(small), len(others)) > MOST_CANDIDATES or _bytes(small) + _bytes(others) > LARGEST_CANDIDATES:
        return Renames(found, complete=False)
    alike = _Alike(load([*small, *others]))
    for old, new, score in _by_likeness(small, others, alike):
        found[new] = (old, score * 100 // WHOLE)
    return Renames(found, complete)


def _comparable(sides: Iterable[Side]) -> list[Side]:
    return [side for side in sides if side.size_bytes <= LARGEST_COMPARED]


def _bytes(sides: Iterable[Side]) -> int:
    return sum(side.size_bytes for side in sides)


def _exact(removed: Sequence[Side], added: Sequence[Side]) -> dict[str, str]:
    """Equal contents; of several the one whose name is the same, else the first."""
    by_hash: dict[str, list[Side]] = defaultdict(list)
    for side in removed:
        by_hash[side.sha256].append(side)
    pairs = {}
    for new in added:
        free = by_hash.get(new.sha256)
        if free:
            old = next((side for side in free[:100] if _name(side) == _name(new)), free[0])
            free.remove(old)
            pairs[new.path] = old.path
    return pairs


def _by_likeness(removed: Sequence[Side], added: Sequence[Side], alike: Similarity) -> Iterable[tuple[str, str, int]]:
    olds, news = _unique(removed), _unique(added)
    gone, come = set(), set()
    for name, old in olds.items():
        new = news.get(name)
        if new is None or new.path in come:
            continue
        score = alike(old, new, LEAST_BY_NAME)
        if score >= LEAST_BY_NAME:
            gone.add(old.path)
            come.add(new.path)
            yield old.path, new.path, score
    left = [side for side in removed if side.path not in gone]
    right = [side for side in added if side.path not in come]
    yield from _best(left, right, alike)


def _unique(sides: Sequence[Side]) -> dict[str, Side]:
    many = Counter(map(_name, sides))
    return {_name(side): side for side in sides if many[_name(side)] == 1}


def _best(removed: Sequence[Side], added: Sequence[Side], alike: Similarity) -> Iterable[tuple[str, str, int]]:
    candidates: list[_Candidate] = []
    for j, new in enumerate(added):
        scored = [_Candidate(alike(old, new, LEAST), _name(old) == _name(new), j, i) for i, old in enumerate(removed)]
        candidates += sorted(scored, key=_worth)[:KEPT]
    gone, come = set(), set()
    for candidate in sorted(candidates, key=_worth):
        if candidate.score < LEAST or candidate.added in come or candidate.removed in gone:
            continue
        gone.add(candidate.removed)
        come.add(candidate.added)
        yield removed[candidate.removed].path, added[candidate.added].path, candidate.score


def _worth(candidate: _Candidate) -> tuple[int, bool]:
    return -candidate.score, not candidate.same_name


def _name(side: Side) -> str:
    return side.path.rpartition("/")[2]


class _Alike:
    """Likeness of contents, 0 to `WHOLE`; the chunks of each are counted once."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents
        self._chunks: dict[str, Chunks] = {}

    def __call__(self, removed: Side, added: Side, least: int) -> int:
        larger, smaller = max(removed.size_bytes, added.size_bytes), min(removed.size_bytes, added.size_bytes)
        if smaller == 0 or larger * (WHOLE - least) < (larger - smaller) * WHOLE:
            return 0
        one, other = self._of(removed.sha256), self._of(added.sha256)
        if len(other) < len(one):
            one, other = other, one
        common = sum(min(size, other[chunk]) for chunk, size in one.items() if chunk in other)
        return common * WHOLE // larger

    def _of(self, sha256: str) -> Chunks:
        if sha256 not in self._chunks:
            self._chunks[sha256] = _chunks(self._contents.get(sha256, b""))
        return self._chunks[sha256]


def _chunks(data: bytes) -> Chunks:
    """Bytes by chunk; in a text the end of a line counts as one byte, whichever system wrote it."""
    if not is_binary(data):
        data = data.replace(b"\r\n", b"\n")
    sizes: dict[bytes, int] = defaultdict(int)
    for line in lines_of(data):
        for start in range(0, len(line), CHUNK):
            chunk = line[start : start + CHUNK]
            sizes[chunk] += len(chunk)
    return sizes
