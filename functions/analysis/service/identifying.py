"""Every finding of an analysis is tied to a problem: a known one, or one that begins with it.

The work follows the difference to a reference. A content that is at a path where it was before, in any analysis of the
project, has the problems that it had; the rest is matched with what the reference had in their stead, then with all
that the project ever had.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from functions.analysis.lifecycle import Analysis
from functions.analysis.ports import Work
from functions.analysis.repositories import Seen
from functions.analysis.results import problem_id
from functions.analysis.tracking.matching import LONG_AGO, Sighting, match
from functions.analysis.tracking.places import Found, Place, Placements, Settled, settle, sighting
from functions.analysis.tracking.problems import ProblemState
from functions.analysis.tracking.renames import moves

Key = tuple[Place, int]
"""A finding of the analysis: its place, and its number in the result."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What the analysis and the reference have differently, with the findings of either, by result."""

    analysis: Analysis
    reference_id: str | None
    now: Sequence[Place]
    before: Sequence[Place]
    found: Mapping[int, Sequence[Found]]
    known: Placements


def identify(
    work: Work, analysis: Analysis, reference_id: str | None, hold: Callable[[], None], *, leads: bool
) -> None:
    """Store which problems the findings of the analysis are; a repeat comes to the same.

    Args:
        hold: called between steps.
        leads: the analysis is of the newest version of the main line, so it says where problems are now.
    """
    if reference_id is not None:
        work.placements.inherit(analysis.id, reference_id)
    difference = _difference(work, analysis, reference_id)
    hold()
    settled = _settled(work, difference)
    ids = _ids(work, difference, settled)
    hold()
    begun = _begun(work, analysis, [key for key, id_ in ids.items() if id_ is None], difference.found)
    hold()
    _begin(work, difference, begun, leads=leads)
    hold()
    _store(work, difference, settled, {key: id_ or begun[key] for key, id_ in ids.items()}, set(begun), leads=leads)


def _difference(work: Work, analysis: Analysis, reference_id: str | None) -> Difference:
    changes = work.placements.changes(analysis.id, reference_id)
    now = [change.now for change in changes if change.now is not None]
    before = [change.before for change in changes if change.before is not None]
    found = work.findings.of_results({place.result_id for place in (*now, *before)})
    known = work.placements.known(
        analysis.project_id, {place.at for place in (*now, *before) if found.get(place.result_id)}
    )
    return Difference(analysis, reference_id, now, before, found, known)


def _settled(work: Work, difference: Difference) -> Settled:
    known = {place.at: difference.known[place.at] for place in difference.now if place.at in difference.known}
    ids = {id_ for variants in known.values() for listed in variants.values() for id_ in listed}
    places = [place for place in difference.now if place.at in known]
    return settle(places, known, _used(work, difference, ids))


def _used(work: Work, difference: Difference, ids: Collection[str]) -> set[str]:
    if difference.reference_id is None:
        return set()
    return work.placements.used(difference.analysis, difference.reference_id, ids)


def _ids(work: Work, difference: Difference, settled: Settled) -> dict[Key, str | None]:
    """The problem of each finding that is not settled, as far as it is a known one."""
    taken = {id_ for listed in settled.ids.values() for id_ in listed}
    unsettled = [place for place in difference.now if place not in settled.ids]
    now = [
        sighting((place, one.n), place.path, one)
        for place in unsettled
        for one in difference.found.get(place.result_id, ())
    ]
    if not now:
        return {}
    before = _before(work, difference, taken)
    found: dict[Key, str] = match(now, before, _moves(work, difference, now, before) if before else {})
    left = [one for one in now if one.key not in found]
    found |= _long_ago(work, difference, left, taken | set(found.values()))
    return {one.key: found.get(one.key) for one in now}


def _before(work: Work, difference: Difference, taken: Collection[str]) -> list[Sighting]:
    """What the reference had and the analysis has not, as far as it is settled."""
    dismissed = work.tracking.dismissed(difference.analysis.project_id) if difference.before else set()
    return [
        sighting(id_, place.path, one, dismissed=id_ in dismissed)
        for place in difference.before
        for id_, one in zip(
            difference.known.get(place.at, {}).get(place.variant, ()),
            difference.found.get(place.result_id, ()),
            strict=False,
        )
        if id_ not in taken
    ]


def _moves(work: Work, difference: Difference, now: Sequence[Sighting], before: Sequence[Sighting]) -> dict[str, str]:
    if difference.reference_id is None:
        return {}
    gone = {place.path: place.result_id for place in difference.before if not place.engine}
    come = {place.path: place.result_id for place in difference.now if not place.engine}
    still, already = gone.keys() & come.keys(), set[str]()
    still |= work.placements.regular(difference.analysis.id, gone.keys() - still)
    already |= work.placements.regular(difference.reference_id, come.keys() - still)
    return moves(
        {path: result for path, result in gone.items() if path not in still},
        {path: result for path, result in come.items() if path not in still | already},
        _by_path(before),
        _by_path(now),
    )


def _by_path(sightings: Iterable[Sighting]) -> dict[str, list[Sighting]]:
    by_path: dict[str, list[Sighting]] = defaultdict(list)
    for one in sightings:
        by_path[one.path].append(one)
    return by_path


def _long_ago(work: Work, difference: Difference, left: Sequence[Sighting], taken: Collection[str]) -> dict[Key, str]:
    """Fixed long ago, or known from a branch: a dismissal there holds here."""
    project_id = difference.analysis.project_id
    if not left or not work.tracking.any(project_id):
        return {}
    candidates = work.tracking.candidates(project_id, {one.digest for one in left}, {one.path for one in left})
    free = [one for one in candidates if one.key not in taken]
    used = _used(work, difference, {one.key for one in free})
    return match(left, [one for one in free if one.key not in used], steps=LONG_AGO)


def _begun(work: Work, analysis: Analysis, keys: Sequence[Key], found: Mapping[int, Sequence[Found]]) -> dict[Key, str]:
    """Ids of new problems, each from where it was seen first; of those that began alike the later ones are counted."""
    begun: dict[Key, str] = {}
    taken: set[str] = set()
    again = 0
    while keys:
        named = {key: problem_id(analysis.project_id, key[0].path, _of(key, found).fingerprint, again) for key in keys}
        taken |= work.tracking.existing(named.values())
        for key, id_ in named.items():
            if id_ not in taken:
                taken.add(id_)
                begun[key] = id_
        keys = [key for key in keys if key not in begun]
        again += 1
    return begun


def _of(key: Key, found: Mapping[int, Sequence[Found]]) -> Found:
    place, n = key
    return found[place.result_id][n]


def _begin(work: Work, difference: Difference, begun: Mapping[Key, str], *, leads: bool) -> None:
    analysis = difference.analysis
    new = [Seen(id_, key[0], _of(key, difference.found)) for key, id_ in begun.items()]
    state = ProblemState.FIXED if analysis.main and not leads else ProblemState.OPEN
    work.tracking.add(analysis, new, state=state, present=leads)


def _store(
    work: Work,
    difference: Difference,
    settled: Settled,
    ids: Mapping[Key, str],
    begun: Collection[Key],
    *,
    leads: bool,
) -> None:
    analysis, placed = difference.analysis, _placed(ids)
    known = difference.known
    variants = {place: max(known.get(place.at, {}), default=-1) + 1 for place in placed}
    seen = [Seen(ids[key], key[0], _of(key, difference.found)) for key in ids if key not in begun]
    seen += [
        Seen(id_, place, one)
        for place, listed in settled.ids.items()
        for id_, one in zip(listed, difference.found[place.result_id], strict=True)
    ]
    work.tracking.move(analysis, sorted(seen, key=lambda one: one.id), leads=leads)
    work.placements.store(analysis, placed, {**settled.variants, **variants})


def _placed(ids: Mapping[Key, str]) -> dict[Place, list[str]]:
    """In the order of numbers, which are 0 to the result's last."""
    placed: dict[Place, list[str]] = defaultdict(list)
    for (place, _), id_ in sorted(ids.items()):
        placed[place].append(id_)
    return placed
