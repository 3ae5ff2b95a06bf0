"""Duplicates across a project: an index that follows each merge's difference, the clones in it, and what they say.

The index is that of the project's newest merge. Contents that came or went since are taken up or given up, clones
are looked for among those that came, and all else stays as it was found. Clones are a function of the contents that
are there, so the way on which an index came to hold them leaves no trace.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from functions.analysis.configuration import Configuration
from functions.analysis.duplicates import (
    LEAST_LINES,
    Clone,
    Group,
    Place,
    Text,
    clones,
    duplicated_lines,
    groups,
    is_foreign,
    outermost,
)
from functions.analysis.engines.shingles import LEAST_TOKENS
from functions.analysis.lifecycle import Analysis
from functions.analysis.model import Confidence, Finding, Severity
from functions.analysis.ports import Deps, Work
from functions.analysis.results import Whole
from kernel.errors import Unavailable
from kernel.identity import Caller

RULE = "duplication/clone"
MOST_GROUPS = 5_000  # that are listed and reported, the largest first
MOST_PLACES = 50  # of a group that are listed and reported
_AT_ONCE = 200  # contents in a transaction
_GRAMS_AT_ONCE = 20_000  # grams whose other places are looked for in one statement
_PAIRS_AT_ONCE = 60  # contents in memory
_NAMED = 3  # other places in a message
HELP = (
    f"The same {LEAST_TOKENS} tokens and {LEAST_LINES} lines or more stand at several places, without comments and"
    " whatever the literals: a change of one has to be made in all of them."
)
Seeds = Sequence[tuple[int, int, int, int]]


@dataclass(slots=True)
class _Compared:
    """The files of an analysis in which duplicates are looked for: paths by content, and lines in all."""

    paths: dict[int, list[str]] = field(default_factory=dict)
    lines: int = 0


def find(deps: Deps, caller: Caller, analysis: Analysis, configuration: Configuration) -> Whole:
    """`service.whole.WholeEngine`; its cost follows the difference to the project's last merge.

    Raises Unavailable if another merge of the project has taken the index over.
    """
    compared = _begin(deps, caller, analysis)
    _move(deps, caller, analysis, compared.paths.keys())
    while _paired(deps, caller, analysis):
        pass
    with deps.work(caller) as work:
        found = _groups(work, analysis, compared.paths)
        work.duplicates.store(analysis.id, [_shown(group) for group in found[:MOST_GROUPS]])
    return Whole(_findings(found[:MOST_GROUPS]), _measures(found, compared.lines))


def _begin(deps: Deps, caller: Caller, analysis: Analysis) -> _Compared:
    with deps.work(caller) as work:
        work.duplicates.begin(analysis)
        compared = _Compared()
        for result_id, path, lines in work.duplicates.compared(analysis):
            if not is_foreign(path):
                compared.paths.setdefault(result_id, []).append(path)
                compared.lines += lines
    return compared


def _claim(work: Work, analysis: Analysis) -> None:
    if not work.duplicates.claim(analysis):
        raise Unavailable("another merge of the project looks for duplicates")


def _move(deps: Deps, caller: Caller, analysis: Analysis, contents: Collection[int]) -> None:
    """Let the index give up what is not of `contents` and take up the rest, a few in a transaction."""
    with deps.work(caller) as work:
        indexed = work.duplicates.indexed(analysis.project_id)
    removed, added = sorted(indexed - set(contents)), sorted(set(contents) - indexed)
    for few in _batches(removed):
        with deps.work(caller) as work:
            _claim(work, analysis)
            work.duplicates.remove(analysis.project_id, few)
    for few in _batches(added):
        with deps.work(caller) as work:
            _claim(work, analysis)
            contents_ = [(Text(found).extent(id_), found) for id_, found in work.duplicates.tokens(few)]
            work.duplicates.add(analysis.project_id, contents_)


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _paired(deps: Deps, caller: Caller, analysis: Analysis) -> bool:
    """Find the clones of some contents; False if all are known."""
    with deps.work(caller) as work:
        _claim(work, analysis)
        ids = _few(work.duplicates.unpaired(analysis.project_id, _AT_ONCE))
        if ids:
            seeds = sorted(
                work.duplicates.seeds(analysis.project_id, ids), key=lambda one: (one[0], one[2], one[1], one[3])
            )
            work.duplicates.pair(analysis.project_id, ids, [*_clones(work, seeds)])
    return bool(ids)


def _few(contents: Sequence[tuple[int, int]]) -> list[int]:
    ids: list[int] = []
    grams = 0
    for id_, many in contents:
        grams += many
        if ids and grams > _GRAMS_AT_ONCE:
            break
        ids.append(id_)
    return ids


def _clones(work: Work, seeds: Seeds) -> Iterator[Clone]:
    """`seeds` are sorted, so that the contents of neighbouring pairs are read together."""
    by_pair = {
        pair: [(at, there) for _, at, _, there in few] for pair, few in groupby(seeds, lambda one: (one[0], one[2]))
    }
    pending: list[tuple[int, int]] = []
    wanted: set[int] = set()
    for left, right in by_pair:
        if len(wanted | {left, right}) > _PAIRS_AT_ONCE:
            yield from _compared(work, pending, by_pair)
            pending, wanted = [], set()
        pending.append((left, right))
        wanted |= {left, right}
    yield from _compared(work, pending, by_pair)


def _compared(
    work: Work, pairs: Sequence[tuple[int, int]], seeds: Mapping[tuple[int, int], Sequence[tuple[int, int]]]
) -> Iterator[Clone]:
    texts = {id_: Text(found) for id_, found in work.duplicates.tokens({id_ for pair in pairs for id_ in pair})}
    for left, right in pairs:
        if left in texts and right in texts:
            yield from clones((left, right), (texts[left], texts[right]), seeds[left, right])


def _groups(work: Work, analysis: Analysis, paths: Mapping[int, Sequence[str]]) -> list[Group]:
    several = [result_id for result_id, listed in paths.items() if len(listed) > 1]
    copies = [
        copy
        for copy in work.duplicates.extents(analysis.project_id, several)
        if copy.tokens >= LEAST_TOKENS and copy.end_line - copy.line >= LEAST_LINES - 1
    ]
    return groups(work.duplicates.clones(analysis.project_id), copies, paths)


def _shown(group: Group) -> dict[str, object]:
    """A group as it is stored and listed."""
    places = [[place.path, place.line, place.end_line] for place in group.places[:MOST_PLACES]]
    told = {"id": group.digest, "tokens": group.tokens, "lines": group.lines}
    return told | {"places": places, "places_total": len(group.places)}


def _findings(found: Sequence[Group]) -> dict[str, list[Finding]]:
    by_path: dict[str, list[Finding]] = {}
    for group, place in outermost(found):
        if place in group.places[:MOST_PLACES]:
            by_path.setdefault(place.path, []).append(_finding(group, place))
    return {path: sorted(listed, key=lambda one: one.line) for path, listed in sorted(by_path.items())}


def _finding(group: Group, place: Place) -> Finding:
    others = [str(other) for other in group.places if other != place]
    named, more = ", ".join(others[:_NAMED]), len(others) - _NAMED
    also = f"{named} and {more} more place{'s' if more > 1 else ''}" if more > 0 else named
    return Finding(
        rule=RULE,
        title="duplicated code",
        message=f"{place.end_line - place.line + 1} lines ({group.tokens} tokens) are also at {also}",
        severity=Severity.LOW,
        confidence=Confidence.HIGH,
        line=place.line,
        column=1,
        end_line=place.end_line,
        end_column=1,
        fingerprint=group.anchor,
        help=HELP,
    )


def _measures(found: Sequence[Group], lines: int) -> dict[str, float]:
    """`duplicated_lines_density` is per cent of the lines of the files that are compared."""
    duplicated = duplicated_lines(found)
    density = round(100 * duplicated / lines, 2) if lines else 0.0
    return {
        "duplicated_lines": duplicated,
        "duplicated_lines_density": density,
        "duplicated_blocks": sum(len(group.places) for group in found),
        "clone_groups": len(found),
    }
