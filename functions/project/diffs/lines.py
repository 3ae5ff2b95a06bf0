"""Which lines differ, by Myers' algorithm (https://doi.org/10.1007/BF01840446) within a budget of steps.

The answer is the shortest there is, as `git diff --minimal` gives it, unless the budget is spent: then lines that
occur once on both sides are the fixed points, and what lies between two of them is compared alone, or taken as
replaced whole. So no input takes longer than the budget allows, and no answer is ever wrong, only longer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

MOST_STEPS = 1_500_000  # about a second
MOST_EDITS = 1_200  # lines that differ, in one piece; memory grows with its square
Pairs = list[tuple[int, int]]
Reached = Mapping[int, int]
_NOWHERE = -(2**40)


@dataclass(frozen=True, slots=True)
class Block:
    """Old lines `old_start:old_end` became new lines `new_start:new_end`, counted from 0."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(slots=True)
class Budget:
    """Steps that are left, for one comparison or for many."""

    steps: int = MOST_STEPS


def compare(old: Sequence[bytes], new: Sequence[bytes], budget: Budget) -> list[Block]:
    """What differs between two lists of lines, in their order."""
    start, end = _same_ends(old, new)
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    pairs = [(i + start, j + start) for i, j in _equal(a, b, budget)]
    return list(_blocks(pairs, (start, start), (len(old) - end, len(new) - end)))


def _same_ends(old: Sequence[bytes], new: Sequence[bytes]) -> tuple[int, int]:
    shorter = min(len(old), len(new))
    start = 0
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, end


def _blocks(pairs: Pairs, first: tuple[int, int], last: tuple[int, int]) -> Iterator[Block]:
    """The gaps between pairs of equal lines."""
    i, j = first
    for next_i, next_j in (*pairs, last):
        if i < next_i or j < next_j:
            yield Block(i, next_i, j, next_j)
        i, j = next_i + 1, next_j + 1


def _equal(old: Sequence[bytes], new: Sequence[bytes], budget: Budget) -> Pairs:
    """Pairs of equal lines, rising on both sides. A line that the other side has nowhere cannot be in one."""
    in_old, in_new = set(old), set(new)
    left = [i for i, line in enumerate(old) if line in in_new]
    right = [j for j, line in enumerate(new) if line in in_old]
    numbers = {line: n for n, line in enumerate(dict.fromkeys(old)) if line in in_new}
    a, b = [numbers[old[i]] for i in left], [numbers[new[j]] for j in right]
    pairs = _shortest(a, b, budget)
    if pairs is None:
        pairs = _piecewise(a, b, budget)
    return [(left[i], right[j]) for i, j in pairs]


def _piecewise(a: Sequence[int], b: Sequence[int], budget: Budget) -> Pairs:
    anchors = _anchors(a, b)
    pairs: Pairs = []
    for (i, j), (next_i, next_j) in pairwise([(-1, -1), *anchors, (len(a), len(b))]):
        between = _shortest(a[i + 1 : next_i], b[j + 1 : next_j], budget) or []
        pairs += [(i + 1 + x, j + 1 + y) for x, y in between]
        pairs.append((next_i, next_j))
    return pairs[:-1]


def _anchors(a: Sequence[int], b: Sequence[int]) -> Pairs:
    """Of the lines that are there once on both sides, the longest run that keeps its order (patience sorting)."""
    once = {n for n, count in Counter(a).items() if count == 1} & {n for n, count in Counter(b).items() if count == 1}
    where = {n: j for j, n in enumerate(b) if n in once}
    candidates = [(i, where[n]) for i, n in enumerate(a) if n in once]
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for at, (_, j) in enumerate(candidates):
        pile = bisect_left(tops, j)
        tops[pile : pile + 1] = [j]
        piles[pile : pile + 1] = [at]
        before.append(piles[pile - 1] if pile else -1)
    run: Pairs = []
    at = piles[-1] if piles else -1
    while at >= 0:
        run.append(candidates[at])
        at = before[at]
    return run[::-1]


def _shortest(a: Sequence[int], b: Sequence[int], budget: Budget) -> Pairs | None:
    """Myers' greedy search, or None if it takes more than the budget."""
    if not a or not b:
        return []
    furthest: Reached = {1: 0}
    trace: list[Reached] = []
    for edits in range(min(len(a) + len(b), MOST_EDITS) + 1):
        trace.append(furthest)
        furthest = _further(a, b, furthest, edits, budget)
        if budget.steps < 0:
            return None
        if furthest.get(len(a) - len(b)) == len(a):
            return _back(trace, len(a), len(b))
    return None


def _further(a: Sequence[int], b: Sequence[int], reached: Reached, edits: int, budget: Budget) -> Reached:
    """How far each diagonal (old line minus new line) gets with one edit more."""
    now: dict[int, int] = {}
    for k in range(-edits, edits + 1, 2):
        budget.steps -= 1
        x = max(_steps(reached, k))
        y = begun = x - k
        if not (0 <= x <= len(a) and 0 <= y <= len(b)):
            continue
        while x < len(a) and y < len(b) and a[x] == b[y]:
            x, y = x + 1, y + 1
        budget.steps -= y - begun
        now[k] = x
        if budget.steps < 0:
            break
    return now


def _steps(reached: Reached, k: int) -> tuple[int, int]:
    """Where one gets on a diagonal by a new line more, and by an old line less."""
    return reached.get(k + 1, _NOWHERE), reached.get(k - 1, _NOWHERE) + 1


def _back(trace: Sequence[Reached], x: int, y: int) -> Pairs:
    pairs: Pairs = []
    for edits in range(len(trace) - 1, -1, -1):
        down, right = _steps(trace[edits], x - y)
        while x > max(down, right):
            x, y = x - 1, y - 1
            pairs.append((x, y))
        if edits:
            x, y = (x, y - 1) if down >= right else (x - 1, y)
    return pairs[::-1]
