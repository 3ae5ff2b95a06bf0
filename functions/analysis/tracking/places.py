"""Where findings are: a result at a path, and how two analyses differ in that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, TypeAlias
from uuid import UUID

from functions.analysis.tracking.matching import Sighting


class Place(NamedTuple):
    """The findings of one result at a path of an analysis; `engine` is empty for those of the file's content.

    A finding's number in the analysis is `base` + its number in the result. `variant` names the placement.
    """

    path: str
    engine: str
    seq: int
    base: int
    result_id: int
    variant: int

    @property
    def at(self) -> At:
        return (self.result_id, self.path)


At: TypeAlias = tuple[int, str]
"""Result and path: what a placement is found by."""
Placements: TypeAlias = Mapping[At, Mapping[int, Sequence[str]]]
"""Ids of problems in the order of the result's findings, by variant."""


class Changed(NamedTuple):
    """A path (of one engine) that two analyses have differently; None: one of them has nothing there."""

    now: Place | None
    before: Place | None


class Found(NamedTuple):
    """As much of a stored finding as tells which problem it is."""

    result_id: int
    n: int
    rank: int
    rule: str
    fingerprint: str
    context: str
    symbol: str
    line: int


@dataclass(frozen=True, slots=True)
class Settled:
    """Places whose findings are known to be certain problems, and the variant of the placement that says so."""

    ids: Mapping[Place, Sequence[str]]
    variants: Mapping[Place, int]


def path_id(path: str) -> str:
    """Paths are longer than what an index takes."""
    return str(UUID(bytes=sha256(path.encode()).digest()[:16]))


def settle(places: Iterable[Place], known: Placements, used: Iterable[str]) -> Settled:
    """Give places the placements that are known for them; no problem is in two places of an analysis.

    Args:
        used: ids of problems that other places of the analysis have.
    """
    taken = set(used)
    ids: dict[Place, Sequence[str]] = {}
    variants: dict[Place, int] = {}
    for place in sorted(places):
        for variant, listed in sorted(known.get(place.at, {}).items()):
            if taken.isdisjoint(listed):
                ids[place], variants[place] = listed, variant
                taken.update(listed)
                break
    return Settled(ids, variants)


def sighting(key: object, path: str, found: Found, *, dismissed: bool = False) -> Sighting:
    digest, _, number = found.fingerprint.partition(":")
    return Sighting(
        key=key,
        path=path,
        rule=found.rule,
        digest=digest,
        number=int(number or 1),
        context=found.context,
        symbol=found.symbol,
        line=found.line,
        dismissed=dismissed,
    )
