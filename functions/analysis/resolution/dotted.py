"""Python, JavaScript and TypeScript: names come from modules, which are files."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from functions.analysis.resolution.names import PYTHON, SCRIPTS, Names, Origin
from functions.analysis.resolution.sight import Sight, Target

_SELVES = frozenset(("self", "cls", "this"))
_DEEPEST = 8  # re-exports and base classes in a row


class Dotted:
    """`family.Family` of Python, JavaScript and TypeScript."""

    def __init__(self, sight: Sight) -> None:
        self._see, self.path, self.own, self.modules = sight.see, sight.path, sight.own, sight.modules
        self._memo: dict[str, Target | None] = {}

    def imports(self) -> tuple[set[str], int]:
        found: set[str] = set()
        external = 0
        for module, level, names in self.own.imports:
            targets = set(self._imported(module, level, names))
            found |= targets
            external += not targets
        return found - {self.path}, external

    def _imported(self, module: str, level: int, names: Sequence[str]) -> Iterator[str]:
        base = self._module(self.path, self.own.language, module, level)
        if self.own.language != PYTHON:
            yield from [base] if base else []
            return
        direct = not names
        for name in names:
            child = self._submodule(base, module, level, name)
            if child is None:
                direct = True
            else:
                yield child
        if direct and base is not None:
            yield base

    def _submodule(self, base: str | None, module: str, level: int, name: str) -> str | None:
        """`from a import b` may mean the module a.b, unless a itself says what b is."""
        seen = self._see(base) if base is not None else None
        if seen is not None and (name in seen.symbols or name in seen.bindings):
            return None
        if base is not None and (child := self.modules.child(base, name)):
            return child
        dotted = f"{module}.{name}" if module else name
        return self.modules.python(self.path, level, dotted) if name != "*" else None

    def _module(self, importer: str, language: str, module: str, level: int) -> str | None:
        if language in SCRIPTS:
            return self.modules.script(importer, module)
        return self.modules.python(importer, level, module)

    def stems(self) -> Iterator[str]:
        for module, _, names in self.own.imports:
            if self.own.language == PYTHON:
                yield from (part for part in module.split(".") if part)
                yield from names
            elif module.startswith("."):
                yield from _script_stems(self.path, module)

    def base(self, _: str, base: str) -> Target | None:
        return self._lookup(self.path, base.split("."), _DEEPEST)

    def callee(self, callee: str, caller: str) -> Target | None:
        first, _, rest = callee.partition(".")
        if first in _SELVES:
            return self._of_self(caller, rest)
        if first == "?":
            return None
        if caller and (inner := self._enclosed(callee, caller)):
            return inner
        if callee not in self._memo:
            self._memo[callee] = self._lookup(self.path, callee.split("."), _DEEPEST)
        return self._memo[callee]

    def _enclosed(self, callee: str, caller: str) -> Target | None:
        """A function defined inside the function that calls it, or around it."""
        symbols = self.own.symbols
        while caller:
            place = symbols.get(caller)
            if place is not None and place.kind != "class" and f"{caller}.{callee}" in symbols:
                return self.path, f"{caller}.{callee}"
            caller = caller.rpartition(".")[0]
        return None

    def _of_self(self, caller: str, member: str) -> Target | None:
        while caller:
            place = self.own.symbols.get(caller)
            if place is not None and place.kind == "class":
                return self._member(self.path, caller, member, _DEEPEST)
            caller = caller.rpartition(".")[0]
        return None

    def _lookup(self, path: str, parts: Sequence[str], depth: int) -> Target | None:
        """What dotted `parts` mean at module level of a file."""
        seen = self._see(path)
        if seen is None or depth == 0:
            return None
        if not parts:
            return path, ""
        dotted = ".".join(parts)
        if dotted in seen.symbols:
            return path, dotted
        if parts[0] in seen.symbols:
            return self._member(path, parts[0], ".".join(parts[1:]), depth) if len(parts) > 1 else None
        return self._foreign(path, seen, parts, depth)

    def _foreign(self, path: str, seen: Names, parts: Sequence[str], depth: int) -> Target | None:
        if origin := seen.bindings.get(parts[0]):
            return self._follow(path, seen.language, origin, parts, depth - 1)
        for star in seen.stars:
            module = self._module(path, seen.language, star.module, star.level)
            if module and (found := self._lookup(module, parts, depth - 1)):
                return found
        child = self.modules.child(path, parts[0])
        return self._lookup(child, parts[1:], depth - 1) if child else None

    def _follow(self, path: str, language: str, origin: Origin, parts: Sequence[str], depth: int) -> Target | None:
        """`parts` begin with the local name of what came from `origin`."""
        if origin.name is None:
            return self._in_module(path, language, origin, parts, depth)
        module = self._module(path, language, origin.module, origin.level)
        if module and (found := self._lookup(module, (origin.name, *parts[1:]), depth)):
            return found
        if language != PYTHON:
            return None
        dotted = f"{origin.module}.{origin.name}" if origin.module else origin.name
        child = self.modules.python(path, origin.level, dotted)
        return self._lookup(child, parts[1:], depth) if child else None

    def _in_module(self, path: str, language: str, origin: Origin, parts: Sequence[str], depth: int) -> Target | None:
        """`import a.b` makes `a.b.f` and `a.f` meaningful: the longest module wins."""
        tails = range(len(parts), 0, -1) if language == PYTHON else (1,)
        for end in tails:
            dotted = ".".join((origin.module, *parts[1:end]))
            module = self._module(path, language, dotted if language == PYTHON else origin.module, origin.level)
            if module and (found := self._lookup(module, parts[end:], depth)):
                return found
        return None

    def _member(self, path: str, owner: str, member: str, depth: int) -> Target | None:
        """A method of a class or of the classes it is derived from."""
        seen = self._see(path)
        if seen is None or depth == 0 or not member:
            return None
        if f"{owner}.{member}" in seen.symbols:
            return path, f"{owner}.{member}"
        for base in seen.bases.get(owner, ()):
            parent = self._lookup(path, base.split("."), depth - 1)
            if parent and parent[1] and (found := self._member(*parent, member, depth - 1)):
                return found
        return None


def _script_stems(importer: str, specifier: str) -> Iterator[str]:
    target = posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier))
    yield target.rpartition("/")[2].partition(".")[0]
