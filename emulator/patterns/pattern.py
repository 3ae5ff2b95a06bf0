"""A whole pattern: which fields of a document must have which values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.patterns.operators import RESERVED, BadPattern, Test, is_absence, test_of

_OR = "$or"
_MAX_BRANCHES = 1000
Membership = Mapping[int, int]
"""Which element of which list a field lies in."""
Fields = dict[str, list[tuple[Any, Membership]]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of one field: one of the tests holds for one of its values, or, if `absent`, it has none."""

    path: str
    tests: tuple[Test, ...]
    absent: bool


class Pattern:
    """A compiled pattern. `$or` makes branches, each of them a list of wishes in the order of their paths."""

    def __init__(self, pattern: str | Mapping[str, Any]) -> None:
        """Compile.

        Raises:
            BadPattern: it is not a pattern; the message says why.
        """
        self.given = _parsed(pattern)
        branches: list[dict[str, Wish]] = [{}]
        _read(branches, "", self.given, within_or=False)
        self._branches = [sorted(each.values(), key=lambda wish: wish.path) for each in branches]
        self._wanted = {part for branch in self._branches for wish in branch for part in _heads(wish.path)}

    def matches(self, document: Any) -> bool:
        """Tell whether a document, as `json.loads` gives it, has what the pattern asks for.

        Lists are looked through: a field matches if one of its elements does, and fields of objects in a list must
        match within one and the same element.
        """
        found = _Flattening(self._wanted).fields(document)
        return any(_holds(branch, 0, found, {}) for branch in self._branches)


def _parsed(pattern: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(pattern, str):
        try:
            pattern = json.loads(pattern)
        except (ValueError, RecursionError) as broken:
            raise BadPattern(f"the pattern is not JSON: {broken}") from broken
    if not isinstance(pattern, Mapping):
        raise BadPattern("Filter is not an object")
    return pattern


def _read(branches: list[dict[str, Wish]], prefix: str, given: Mapping[str, Any], *, within_or: bool) -> None:
    if not given:
        raise BadPattern("Empty objects are not allowed")
    for name, value in given.items():
        if name == _OR:
            _fork(branches, prefix, value)
            continue
        if within_or and name in RESERVED:
            raise BadPattern(f"{name} is Ruler reserved fieldName which cannot be used inside {_OR}.")
        path = f"{prefix}.{name}" if prefix else name
        if isinstance(value, Mapping):
            _read(branches, path, value, within_or=within_or)
        elif isinstance(value, list):
            wish = _wish(path, value)
            for branch in branches:
                branch[path] = wish
        else:
            raise BadPattern(f'"{name}" must be an object or an array')


def _fork(branches: list[dict[str, Wish]], prefix: str, choices: Any) -> None:
    """Make, of each branch so far, one for each of the choices."""
    if not isinstance(choices, list):
        raise BadPattern(f"It must be an Array followed with {_OR}.")
    if not all(isinstance(choice, Mapping) for choice in choices):
        raise BadPattern(f"Only JSON object is allowed in array of {_OR} relationship.")
    if len(choices) < 2:
        raise BadPattern(f"There must have at least 2 Objects in {_OR} relationship.")
    before = [dict(branch) for branch in branches]
    branches.clear()
    for choice in choices:
        copies = [dict(branch) for branch in before]
        _read(copies, prefix, choice, within_or=True)
        branches += copies
        if len(branches) > _MAX_BRANCHES:
            raise BadPattern(f"{_OR} makes more than {_MAX_BRANCHES} combinations")


def _wish(path: str, values: list[Any]) -> Wish:
    if not values:
        raise BadPattern("Empty arrays are not allowed")
    tests = tuple(test_of(value) for value in values)
    return Wish(path, tests, any(is_absence(value) for value in values))


def _heads(path: str) -> Iterator[str]:
    """Yield a path and everything above it."""
    parts = path.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


class _Flattening:
    """Turns a document into the values of each field; a name with a dot is the same as two."""

    def __init__(self, wanted: set[str]) -> None:
        self._wanted = wanted
        self._fields: Fields = {}
        self._lists = 0

    def fields(self, document: Any) -> Fields:
        if isinstance(document, Mapping):
            self._object("", document, {})
        return self._fields

    def _object(self, path: str, given: Mapping[str, Any], place: Membership) -> None:
        for name, value in given.items():
            inner = f"{path}.{name}" if path else name
            if inner in self._wanted:
                self._value(inner, value, place)

    def _value(self, path: str, value: Any, place: Membership) -> None:
        if isinstance(value, Mapping):
            self._object(path, value, place)
        elif isinstance(value, list):
            self._list(path, value, place)
        else:
            self._fields.setdefault(path, []).append((value, place))

    def _list(self, path: str, values: list[Any], place: Membership) -> None:
        self._lists += 1
        number = self._lists
        for index, value in enumerate(values):
            nested = isinstance(value, Mapping | list)
            self._value(path, value, {**place, number: index} if nested else place)


def _holds(branch: list[Wish], index: int, found: Fields, place: Membership) -> bool:
    """Tell whether the wishes from `index` on hold, for fields that lie in the elements chosen so far."""
    if index == len(branch):
        return True
    wish = branch[index]
    near = [(value, lies) for value, lies in found.get(wish.path, ()) if _agree(lies, place)]
    if wish.absent and not near:
        return _holds(branch, index + 1, found, place)
    return any(
        any(test(value) for test in wish.tests) and _holds(branch, index + 1, found, {**place, **lies})
        for value, lies in near
    )


def _agree(one: Membership, other: Membership) -> bool:
    return all(other.get(number, index) == index for number, index in one.items())
