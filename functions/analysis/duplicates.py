"""Clones between two contents, and the groups that all clones of a project make. Pure values.

A clone is a run of equal tokens, as long as it can be on both sides and cut to whole lines there. Two clones whose
tokens are the same belong to one group, so a group's places all hold the same code.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate

from functions.analysis.engines.shingles import GRAM, LEAST_TOKENS, Shingled

LEAST_LINES = 10
_STEP = 64  # tokens compared at once
_FOREIGN = re.compile(
    r"(?:^|/)(?:node_modules|vendor(?:ed)?|third[_-]?party|bower_components|site-packages|dist|build|migrations)/"
    r"|[.-]min\.(?:js|css)$|_pb2(?:_grpc)?\.py$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clone:
    """`tokens` equal tokens of two contents (or twice in one), from the tokens `left_at` and `right_at` on."""

    left_id: int
    left_at: int
    right_id: int
    right_at: int
    tokens: int
    left_line: int
    left_end: int
    right_line: int
    right_end: int
    digest: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Extent:
    """All of a content that is compared, for contents that several files have."""

    result_id: int
    tokens: int
    line: int
    end_line: int
    digest: str
    anchor: str


@dataclass(frozen=True, slots=True, order=True)
class Place:
    path: str
    line: int
    end_line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Group:
    """The same code at several places, in the order of paths; `lines` is how long the longest of them is."""

    tokens: int
    lines: int
    digest: str
    anchor: str
    places: Sequence[Place]


class Text:
    """A content's tokens with their lines, ready to be compared."""

    def __init__(self, found: Shingled) -> None:
        self.hashes, self.places = found.hashes, found.places
        self.grams = dict(zip(found.places, found.grams, strict=True))
        self._ends = [*accumulate(found.counts)]

    def line(self, token: int) -> int:
        return bisect_right(self._ends, token) + 1

    def starts_line(self, token: int) -> bool:
        return token == 0 or self._ends[bisect_left(self._ends, token)] == token

    def extent(self, result_id: int) -> Extent:
        last = len(self.hashes)
        anchor = f"{min(self.grams.values()):08x}"
        return Extent(result_id, last, self.line(0), self.line(last - 1), digest(self.hashes, 0, last), anchor)


def is_foreign(path: str) -> bool:
    """Whether a path says that others or a tool wrote the file; copies there are nobody's to change."""
    return _FOREIGN.search(path) is not None


def digest(hashes: Sequence[int], start: int, end: int) -> str:
    return blake2b(memoryview(hashes)[start:end], digest_size=12).hexdigest()  # type: ignore[arg-type]


def clones(ids: tuple[int, int], texts: tuple[Text, Text], seeds: Iterable[tuple[int, int]]) -> Iterator[Clone]:
    """All clones that hold one of `seeds` (equal grams: token in the left, token in the right text)."""
    reached: dict[int, int] = {}
    for left, right in sorted(set(seeds)):
        shift = right - left
        if left < reached.get(shift, 0):
            continue
        start, length = _extended(texts, left, right)
        reached[shift] = start + length
        if ids[0] == ids[1]:
            length = min(length, shift)
        if (found := _clone(ids, texts, start, start + shift, length)) is not None:
            yield found


def _extended(texts: tuple[Text, Text], left: int, right: int) -> tuple[int, int]:
    """Where in the left text the run begins, and how long it is."""
    here, there = texts[0].hashes, texts[1].hashes
    back = 0
    while back < min(left, right) and here[left - back - 1] == there[right - back - 1]:
        back += 1
    ahead = 0
    while (piece := here[left + ahead : left + ahead + _STEP]) and piece == there[
        right + ahead : right + ahead + len(piece)
    ]:
        ahead += len(piece)
    most = min(len(here) - left, len(there) - right)
    while ahead < most and here[left + ahead] == there[right + ahead]:
        ahead += 1
    return left - back, back + ahead


def _clone(ids: tuple[int, int], texts: tuple[Text, Text], left: int, right: int, length: int) -> Clone | None:
    """The run cut to whole lines; None if too little is left."""
    (here, there), skipped = texts, 0
    while skipped < length and not (here.starts_line(left + skipped) and there.starts_line(right + skipped)):
        skipped += 1
    left, right, length = left + skipped, right + skipped, length - skipped
    while length >= LEAST_TOKENS and not (_ends_line(here, left + length) and _ends_line(there, right + length)):
        length -= 1
    if length < LEAST_TOKENS:
        return None
    lines = here.line(left), here.line(left + length - 1), there.line(right), there.line(right + length - 1)
    if min(lines[1] - lines[0], lines[3] - lines[2]) < LEAST_LINES - 1:
        return None
    mark = digest(here.hashes, left, left + length)
    return Clone(ids[0], left, ids[1], right, length, *lines, mark, _anchor(texts, left, right, length) or mark)


def _ends_line(text: Text, end: int) -> bool:
    return end == len(text.hashes) or text.starts_line(end)


def _anchor(texts: tuple[Text, Text], left: int, right: int, length: int) -> str:
    """The smallest gram that both sides have chosen, so that a clone is known when one of its ends has moved."""
    here, there = texts
    first, behind = bisect_left(here.places, left), bisect_right(here.places, left + length - GRAM)
    shared = [here.grams[place] for place in here.places[first:behind] if place - left + right in there.grams]
    return f"{min(shared):08x}" if shared else ""


def groups(found: Iterable[Clone], copies: Iterable[Extent], paths: Mapping[int, Sequence[str]]) -> list[Group]:
    """The largest first. `paths` names the files of each content; `copies` are contents that several files have."""
    places: dict[str, set[Place]] = defaultdict(set)
    about: dict[str, tuple[int, str]] = {}
    for one in found:
        sides = ((one.left_id, one.left_line, one.left_end), (one.right_id, one.right_line, one.right_end))
        places[one.digest].update(place for side in sides for place in _places(side, paths))
        about[one.digest] = (one.tokens, min(one.anchor, about.get(one.digest, (0, one.anchor))[1]))
    for copy in copies:
        places[copy.digest].update(_places((copy.result_id, copy.line, copy.end_line), paths))
        about.setdefault(copy.digest, (copy.tokens, copy.anchor))
    made = [_group(mark, *about[mark], sorted(where)) for mark, where in places.items() if len(where) > 1]
    made.sort(key=lambda group: (-group.tokens, group.places[0], group.digest))
    return made


def _places(side: tuple[int, int, int], paths: Mapping[int, Sequence[str]]) -> Iterator[Place]:
    result_id, line, end_line = side
    return (Place(path, line, end_line) for path in paths.get(result_id, ()))


def _group(mark: str, tokens: int, anchor: str, places: Sequence[Place]) -> Group:
    lines = max(place.end_line - place.line + 1 for place in places)
    return Group(tokens, lines, mark, anchor, tuple(places))


def outermost(found: Sequence[Group]) -> Iterator[tuple[Group, Place]]:
    """Each place of each group that lies in no place of a larger group; `found` has the largest first."""
    taken: dict[str, list[Place]] = defaultdict(list)
    for group in found:
        free = [place for place in group.places if not _inside(place, taken[place.path])]
        for place in free:
            insort(taken[place.path], place)
            yield group, place


def _inside(place: Place, taken: Sequence[Place]) -> bool:
    """Among places none of which holds another, the one that begins last before `place` reaches the furthest."""
    at = bisect_right(taken, place.line, key=lambda one: one.line)
    return at > 0 and taken[at - 1].end_line >= place.end_line


def duplicated_lines(found: Iterable[Group]) -> int:
    """Lines that lie in any place of any group, each once."""
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for group in found:
        for place in group.places:
            spans[place.path].append((place.line, place.end_line))
    return sum(map(_covered, spans.values()))


def _covered(spans: list[tuple[int, int]]) -> int:
    lines = reached = 0
    for start, end in sorted(spans):
        lines += max(end - max(start - 1, reached), 0)
        reached = max(reached, end)
    return lines
