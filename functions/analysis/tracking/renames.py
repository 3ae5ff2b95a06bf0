"""Where files have gone: which of the files that came are those that went away.

The same content under another name is the same file. Else files are told by the lines that they have findings on,
and then by the longest end of their paths that no other has: a folder that moved takes its files with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import product

from functions.analysis.tracking.matching import Sighting

_COMMON = 8  # files with a finding on the same line, from which on that line tells nothing
_DEEPEST = 12  # parts of a path that are compared: more would let hostile names cost much
Contents = Mapping[str, Hashable]
"""What a file holds, by path: equal values are equal contents."""
Lines = Mapping[str, Sequence[Sighting]]


def moves(gone: Contents, come: Contents, lines_gone: Lines, lines_come: Lines) -> dict[str, str]:
    """The new path by the old one, each path once. Deterministic."""
    found = _equal(gone, come)
    found |= _alike(_left(gone, found), _rest(come, found), lines_gone, lines_come)
    return found | _ends(_left(gone, found), _rest(come, found))


def _left(gone: Iterable[str], found: Mapping[str, str]) -> list[str]:
    return sorted(path for path in gone if path not in found)


def _rest(come: Iterable[str], found: Mapping[str, str]) -> list[str]:
    taken = set(found.values())
    return sorted(path for path in come if path not in taken)


def _equal(gone: Contents, come: Contents) -> dict[str, str]:
    by_content: dict[Hashable, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, paths in enumerate((gone, come)):
        for path in sorted(paths):
            by_content[paths[path]][side].append(path)
    found: dict[str, str] = {}
    for old, new in by_content.values():
        ends = _ends(old, new)
        others = zip(_left(old, ends), _rest(new, ends), strict=False)
        found |= ends | dict(others)
    return found


def _alike(gone: Sequence[str], come: Sequence[str], lines_gone: Lines, lines_come: Lines) -> dict[str, str]:
    """Pairs with the most lines in common first; at least half of those of the smaller file."""
    before, now = _by_digest(gone, lines_gone), _by_digest(come, lines_come)
    votes: Counter[tuple[str, str]] = Counter()
    for digest in before.keys() & now.keys():
        if max(len(before[digest]), len(now[digest])) <= _COMMON:
            votes.update(product(sorted(before[digest]), sorted(now[digest])))
    found: dict[str, str] = {}
    taken: set[str] = set()
    for (old, new), count in sorted(votes.items(), key=lambda item: (-item[1], -_shared(*item[0]), item[0])):
        enough = 2 * count >= min(len(lines_gone[old]), len(lines_come[new]))
        if enough and old not in found and new not in taken:
            found[old] = new
            taken.add(new)
    return found


def _by_digest(paths: Iterable[str], lines: Lines) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        for one in lines.get(path, ()):
            found[one.digest].add(path)
    return found


def _shared(old: str, new: str) -> int:
    """How many parts the ends of two paths have in common."""
    pairs = zip(reversed(old.split("/")), reversed(new.split("/")), strict=False)
    return next(
        (place for place, (one, other) in enumerate(pairs) if one != other), min(old.count("/"), new.count("/"))
    )


def _ends(gone: Sequence[str], come: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    deepest = min(max((path.count("/") + 1 for path in side), default=0) for side in (gone, come))
    for length in range(min(deepest, _DEEPEST), 0, -1):
        old, new = _by_end(_left(gone, found), length), _by_end(_rest(come, found), length)
        found |= {old[end][0]: new[end][0] for end in old if len(old[end]) == len(new.get(end, ())) == 1}
    return found


def _by_end(paths: Iterable[str], length: int) -> dict[tuple[str, ...], list[str]]:
    ends: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path in paths:
        parts = path.split("/")
        if len(parts) >= length:
            ends[tuple(parts[-length:])].append(path)
    return ends
