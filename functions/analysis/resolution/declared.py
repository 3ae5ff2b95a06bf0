"""Languages whose types and functions are declared under full names: what a name means in its scope, in a class and in other files.

A family says in which other files a name is looked for (`reach`) and which files share the members of a class (`beside`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from functions.analysis.resolution.names import Names
from functions.analysis.resolution.sight import Sight, Target

_SELVES = frozenset(("self", "this", "Self", "static", "cls"))
_PARENTS = frozenset(("super", "base", "parent"))
_DEEPEST = 8  # base classes and re-exports in a row


class Declared:
    """`family.Family` but for `imports`; `implicit` says whether members may be called without an object, `re_exports`
    whether what a file imports can be had from it."""

    implicit = True
    re_exports = False

    def __init__(self, sight: Sight) -> None:
        self.see, self.path, self.own, self.places = sight.see, sight.path, sight.own, sight.modules.places
        self.used: set[str] = set()
        self._asked: set[str] = set()
        self._memo: dict[tuple[str, str], Target | None] = {}
        self._foreign: dict[tuple[str, str], Target | None] = {}

    def reach(self, path: str, seen: Names, name: str) -> Iterator[tuple[str, str]]:
        """Files in which `name`, as it is used in `path`, may be declared, and under which name there."""
        yield from ()

    def beside(self, path: str) -> Iterable[str]:
        """Other files that may hold members of the classes of this one."""
        return ()

    def base(self, name: str, base: str) -> Target | None:
        return self._noted(self._locate(self.path, base, name.rpartition(".")[0], _DEEPEST))

    def callee(self, callee: str, caller: str) -> Target | None:
        key = (callee, caller)
        if key not in self._memo:
            self._memo[key] = self._noted(self._callee(callee, caller))
        return self._memo[key]

    def _callee(self, callee: str, caller: str) -> Target | None:
        first, _, rest = callee.partition(".")
        if rest and first in _SELVES | _PARENTS:
            owner = _class_of(self.own, caller)
            return self._of_self(owner, first, rest) if owner else None
        return self._locate(self.path, callee, caller, _DEEPEST)

    def _noted(self, found: Target | None) -> Target | None:
        if found is not None and found[0] != self.path:
            self.used.add(found[0])
        return found

    def _of_self(self, owner: str, how: str, member: str) -> Target | None:
        if how in _PARENTS:
            return self._inherited(self.path, owner, member, _DEEPEST)
        return self._member(self.path, owner, member, _DEEPEST)

    def _locate(self, path: str, name: str, scope: str, depth: int) -> Target | None:
        """What `name` means inside `scope` of a file."""
        self._asked.add(name)
        seen = self.see(path)
        if seen is None or depth == 0:
            return None
        return self._here(path, seen, name, scope, depth) or self._elsewhere(path, seen, name, depth)

    def _elsewhere(self, path: str, seen: Names, name: str, depth: int) -> Target | None:
        """Looked for once; who asks again while it is looked for has gone in a circle."""
        key = (path, name)
        if key not in self._foreign:
            self._foreign[key] = None
            tries = (self.inside(other, what, depth - 1) for other, what in self.reach(path, seen, name))
            self._foreign[key] = next(filter(None, tries), None)
        return self._foreign[key]

    def _here(self, path: str, seen: Names, name: str, scope: str, depth: int) -> Target | None:
        """In the scopes of the file itself, from the inner to the outer ones."""
        owner = "" if "." in name else _class_of(seen, scope)
        for outer in _outwards(scope):
            if outer and outer == owner:
                found = self._member(path, outer, name, depth) if self.implicit else None
            else:
                found = self._in_scope(path, seen, outer, name, depth)
            if found:
                return found
        return None

    def _in_scope(self, path: str, seen: Names, outer: str, name: str, depth: int) -> Target | None:
        first, _, rest = name.partition(".")
        prefix = f"{outer}." if outer else ""
        if prefix + name in seen.symbols:
            return path, prefix + name
        return self._member(path, prefix + first, rest, depth) if rest and prefix + first in seen.symbols else None

    def inside(self, path: str, name: str, depth: int) -> Target | None:
        """What is declared as `name` in another file, whatever its namespace."""
        seen = self.see(path)
        if seen is None or depth < 0:
            return None
        if full := (name if name in seen.symbols else seen.short.get(name)):
            return path, full
        head, _, member = name.rpartition(".")
        owner = head if head in seen.symbols else seen.short.get(head)
        found = self._member(path, owner, member, depth) if owner else None
        return found or (self._elsewhere(path, seen, name, depth) if self.re_exports and name else None)

    def _member(self, path: str, owner: str, member: str, depth: int) -> Target | None:
        """A member of a class, of its other parts or of what it is derived from."""
        seen = self.see(path)
        if seen is None or depth <= 0:
            return None
        if f"{owner}.{member}" in seen.symbols:
            return path, f"{owner}.{member}"
        parts = [(other, part) for other in self.beside(path) if (part := self.see(other))]
        short = owner.rpartition(".")[2]
        for other, part in parts:
            if full := part.short.get(f"{short}.{member}"):
                return other, full
        if found := self._inherited(path, owner, member, depth):
            return found
        tries = (self._inherited(other, part.short.get(short, ""), member, depth - 1) for other, part in parts)
        return next(filter(None, tries), None)

    def _inherited(self, path: str, owner: str, member: str, depth: int) -> Target | None:
        seen = self.see(path)
        for base in seen.bases.get(owner, ()) if seen and depth > 0 else ():
            parent = None if base == "?" else self._locate(path, base, owner.rpartition(".")[0], depth - 1)
            if parent and parent != (path, owner) and (found := self._member(*parent, member, depth - 1)):
                return found
        return None

    def heads(self) -> Iterator[str]:
        """The first names that were asked for."""
        return (name.partition(".")[0] for name in self._asked)


def _outwards(scope: str) -> Iterator[str]:
    while scope:
        yield scope
        scope = scope.rpartition(".")[0]
    yield ""


def _class_of(seen: Names, scope: str) -> str:
    """The class around a scope; a method declared outside of it has it in its name."""
    while scope:
        place, outer = seen.symbols.get(scope), scope.rpartition(".")[0]
        if place is not None and place.kind == "class":
            return scope
        if place is not None and place.kind == "method":
            return outer
        scope = outer
    return ""
