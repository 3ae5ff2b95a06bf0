"""Which findings are problems that are known: a cascade from the surest evidence to the weakest, always of one rule.

Evidence goes before place, so that a finding never takes what another one fits better: each step looks at all findings
that are left, and a step is weaker than all before it. Within a step equal findings keep their order. The order in
which findings are given has no influence. Learnt from SonarQube's tracker (a cascade) and CodeQL's line hashes.

What follows from the steps: code that moves, with its lines or within its function, stays what it was; of a copy and
its original the original does, as it fits in its place; a dismissal is carried by all but the weakest evidence, the
same function alone; a message, a severity and a line number never count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

_NOTHING_NEAR = "e3b0c442"  # the half of a context where no line is: SHA-256 of nothing


@dataclass(frozen=True, slots=True)
class Sighting:
    """A finding, as far as it tells which problem it is. `digest` is of rule and line, `number` counts equal ones.

    `key` is the caller's: unique on its side, and sortable. `rank` goes before place among equal known ones.
    """

    key: Any
    path: str
    rule: str
    digest: str
    number: int = 1
    context: str = ""
    symbol: str = ""
    line: int = 0
    dismissed: bool = False
    rank: int = 0

    @property
    def above(self) -> str:
        half = self.context[:8]
        return "" if half == _NOTHING_NEAR else half

    @property
    def below(self) -> str:
        half = self.context[8:]
        return "" if half == _NOTHING_NEAR else half

    @property
    def name(self) -> str:
        """Of the function, whatever class or module it is in."""
        return self.symbol.rpartition(".")[2]


Home: TypeAlias = str
"""The path at which a finding is expected: its own, or the one that its file has moved to."""
Key: TypeAlias = Callable[[Sighting, Home], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Step:
    """Findings of one rule with equal keys are the same; a key with an empty part says nothing.

    `alone`: only where there is one such finding on both sides. `firm`: enough to carry a dismissal.
    """

    key: Key
    alone: bool = False
    firm: bool = True


_PLACE = Step(lambda one, home: (home, one.digest, one.context, one.symbol))
_SURROUNDED = Step(lambda one, home: (home, one.digest, one.context))
_ABOVE = Step(lambda one, home: (home, one.digest, one.above))
_BELOW = Step(lambda one, home: (home, one.digest, one.below))
_INSIDE = Step(lambda one, home: (home, one.digest, one.symbol))
_MOVED = Step(lambda one, _: (one.digest, one.context, one.name))
_MOVED_BLOCK = Step(lambda one, _: (one.digest, one.context))
_LINE = Step(lambda one, home: (home, one.digest))
_MOVED_INSIDE = Step(lambda one, _: (one.digest, one.name))
_MOVED_BELOW = Step(lambda one, _: (one.digest, one.above))
_MOVED_ABOVE = Step(lambda one, _: (one.digest, one.below))
_EDITED = Step(lambda one, home: (home, one.above, one.below))
_EDITED_BELOW = Step(lambda one, home: (home, one.above, one.symbol))
_EDITED_ABOVE = Step(lambda one, home: (home, one.below, one.symbol))
_MOVED_LINE = Step(lambda one, _: (one.digest,))
_MOVED_EDITED = Step(lambda one, _: (one.above, one.below), alone=True)
_REWRITTEN = Step(lambda one, home: (home, one.symbol), alone=True, firm=False)

NEXT_VERSION = (
    _PLACE,
    _SURROUNDED,
    _ABOVE,
    _BELOW,
    _INSIDE,
    _MOVED,
    _MOVED_BLOCK,
    _LINE,
    _MOVED_INSIDE,
    _MOVED_BELOW,
    _MOVED_ABOVE,
    _EDITED,
    _EDITED_BELOW,
    _EDITED_ABOVE,
    _MOVED_LINE,
    _MOVED_EDITED,
    _REWRITTEN,
)
"""Between a version and the one before it: what is gone here and has come there in one change has moved."""

LONG_AGO = (_PLACE, _SURROUNDED, _ABOVE, _BELOW, _INSIDE, _MOVED, _MOVED_BLOCK, _LINE, _EDITED)
"""Against all that a project ever had, on any branch: a line alone elsewhere says nothing any more."""


def match(
    now: Iterable[Sighting],
    known: Iterable[Sighting],
    moves: Mapping[str, str] | None = None,
    steps: Sequence[Step] = NEXT_VERSION,
) -> dict[Any, Any]:
    """The key of a known one by the key of each finding that is one. `moves` is where files of known ones are now."""
    found: dict[Any, Any] = {}
    left, open_ = sorted(now, key=_order), sorted(known, key=_order)
    homes = moves or {}
    for step in steps:
        if not left or not open_:
            break
        pairs = _pairs(step, left, open_, homes)
        found |= pairs
        taken = set(pairs.values())
        left = [one for one in left if one.key not in pairs]
        open_ = [one for one in open_ if one.key not in taken]
    return found


def _order(one: Sighting) -> tuple[Any, ...]:
    return (one.rank, one.path, one.line, one.number, one.key)


def _pairs(step: Step, now: Sequence[Sighting], known: Sequence[Sighting], moves: Mapping[str, str]) -> dict[Any, Any]:
    waiting = _grouped(step, (one for one in known if step.firm or not one.dismissed), moves)
    pairs: dict[Any, Any] = {}
    for key, ones in _grouped(step, now, {}).items():
        others = waiting.get(key, ())
        if not step.alone or len(ones) == len(others) == 1:
            pairs |= {one.key: other.key for one, other in zip(ones, others, strict=False)}
    return pairs


def _grouped(
    step: Step, sightings: Iterable[Sighting], moves: Mapping[str, str]
) -> dict[tuple[str, ...], list[Sighting]]:
    groups: dict[tuple[str, ...], list[Sighting]] = defaultdict(list)
    for one in sightings:
        key = step.key(one, moves.get(one.path, one.path))
        if all(key):
            groups[one.rule, *key].append(one)
    return groups
