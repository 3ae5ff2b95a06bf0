"""Complexity by one sweep over intervals: decisions and nesting structures inside functions, classes and the module.

Cyclomatic (McCabe 1976, decisions + 1): a closure counts for itself, not for the function around it, as radon does.
Cognitive (G. Ann Campbell, SonarSource white paper 1.7): a closure counts for itself and, one level deeper, for every function
around it; a function that only wraps and returns another one (a decorator) adds no level.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from functions.analysis.model import FunctionKind

ANONYMOUS = "(anonymous"
"""Begins the name of a function without one; the number of it within its scope follows."""


class Effect(NamedTuple):
    """What one construct adds. `scaled` multiplies by the nesting around it, `nests` deepens what is inside."""

    cyclomatic: int
    cognitive: int
    scaled: bool = False
    nests: bool = False
    control: bool = True  # counts for the nesting depth that is reported


@dataclass(slots=True)
class Scope:
    """A module, class or function while it is measured. Offsets are bytes; `end` is exclusive."""

    name: str
    start: int
    end: int
    line: int
    end_line: int
    kind: FunctionKind | None = None  # None: a class or the module
    parameters: int = 0
    bases: tuple[str, ...] = ()
    wrapped: bool = False
    listed: bool = True  # False: it only lends its name to what is in it, as a namespace does
    within: FunctionKind = FunctionKind.METHOD  # what a function directly in it is
    owner: str = ""  # of a function outside of the class that it belongs to
    qualified_name: str = ""
    cyclomatic: int = 1
    cognitive: int = 0
    nesting: int = 0
    base_depth: int = 0
    nameless: int = 0  # functions without a name in it


Event = tuple[int, int, int]
"""Start, negated end, and an effect's number or ~number of a scope; sorts outer before inner."""


@dataclass(slots=True)
class Sweep:
    """Walks sorted events once, keeping the open intervals on a stack."""

    module: Scope
    scopes: Sequence[Scope]
    effects: Sequence[Effect]
    depth: int = 0
    control: int = 0
    current: Scope = field(init=False)
    functions: list[Scope] = field(init=False)
    breaks: list[tuple[int, Scope]] = field(init=False)
    _open: list[tuple[int, Scope | None, int, int]] = field(default_factory=list)
    _next_end: int = 1 << 62

    def __post_init__(self) -> None:
        self.module.within = FunctionKind.FUNCTION
        self.current = self.module
        self.functions = [self.module]
        self.breaks = [(0, self.module)]

    def run(self, events: Iterable[Event]) -> list[tuple[int, Scope]]:
        """Measure all scopes; return where the innermost scope changes, as (offset, scope) in order."""
        for start, minus_end, kind in events:
            if start >= self._next_end:
                self._leave(start)
            if kind < 0:
                self._enter(self.scopes[~kind])
            else:
                self._apply(self.effects[kind], -minus_end)
        self._leave(1 << 62)
        return self.breaks

    def _leave(self, position: int) -> None:
        opened = self._open
        while opened and opened[-1][0] <= position:
            end, outer, self.depth, self.control = opened.pop()
            if outer is not None:
                if self.current.kind is not None:
                    self.functions.pop()
                self.current = outer
                self.breaks.append((end, outer))
        self._next_end = opened[-1][0] if opened else 1 << 62

    def _push(self, end: int, outer: Scope | None) -> None:
        self._open.append((end, outer, self.depth, self.control))
        self._next_end = end

    def _enter(self, scope: Scope) -> None:
        outer = self.current
        self._push(scope.end, outer)
        if not scope.name:
            outer.nameless += 1
            scope.name = f"{ANONYMOUS} {outer.nameless})"
        scope.qualified_name = ".".join(filter(None, (outer.qualified_name, scope.owner, scope.name)))
        if scope.kind is not None:
            self._enter_function(scope, outer)
        self.current = scope
        self.breaks.append((scope.start, scope))

    def _enter_function(self, scope: Scope, outer: Scope) -> None:
        scope.kind = FunctionKind.METHOD if scope.owner else outer.within
        scope.within = FunctionKind.CLOSURE
        if len(self.functions) > 1 and not scope.wrapped:
            self.depth += 1
        self.control = 0
        scope.base_depth = self.depth
        self.functions.append(scope)

    def _apply(self, effect: Effect, end: int) -> None:
        cyclomatic, cognitive, scaled, nests, control = effect
        self.current.cyclomatic += cyclomatic
        if cognitive:
            for function in self.functions:
                function.cognitive += cognitive + (self.depth - function.base_depth if scaled else 0)
        if nests:
            self._push(end, None)
            self.depth += 1
            if control:
                self.control += 1
                self.current.nesting = max(self.current.nesting, self.control)
