"""Which route a request takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Routed(Protocol):
    """What has a method and a path with `{parameters}`."""

    @property
    def method(self) -> str: ...

    @property
    def path(self) -> str: ...


R = TypeVar("R", bound=Routed)


@dataclass(frozen=True, slots=True)
class Match(Generic[R]):
    """A route, and its parameters as the client wrote them: a REST API does not decode percent signs."""

    route: R
    path_parameters: Mapping[str, str]


class Routes(Generic[R]):
    """Routes in an order that makes the first fit the right one; literal paths are looked up at once."""

    def __init__(self, routes: Iterable[R]) -> None:
        self._literal: dict[tuple[str, str], R] = {}
        patterns: list[R] = []
        for route in routes:
            if "{" in route.path:
                patterns.append(route)
            else:
                self._literal[route.method, _trimmed(route.path)] = route
        patterns.sort(key=_rank)
        self._patterns = [(route, tuple(_segments(route.path))) for route in patterns]

    def match(self, method: str, path: str) -> Match[R] | None:
        """Pick the route as API Gateway does.

        Literal segments beat `{name}`, which beats `{name+}`; a method beats ANY. A resource that fits
        but lacks the method does not hide a later one that has it. Slashes at both ends do not count.
        """
        given = _trimmed(path)
        for wanted in (method, "ANY"):
            if (route := self._literal.get((wanted, given))) is not None:
                return Match(route, {})
        segments = given.split("/")
        for route, pattern in self._patterns:
            if route.method in (method, "ANY") and (found := _fit(pattern, segments)) is not None:
                return Match(route, found)
        return None


def _trimmed(path: str) -> str:
    return path.strip("/")


def _segments(path: str) -> list[str]:
    return _trimmed(path).split("/")


def _rank(route: Routed) -> tuple[list[int], bool]:
    """Sort key of a pattern: per segment literal, then `{name}`, then `{name+}`; ANY after a method."""
    kinds = [2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in _segments(route.path)]
    return kinds, route.method == "ANY"


def _fit(pattern: tuple[str, ...], given: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for index, want in enumerate(pattern):
        if want.endswith("+}"):
            rest = "/".join(given[index:])
            return parameters | {want[1:-2]: rest} if rest else None
        if index >= len(given):
            return None
        if want.startswith("{"):
            if not given[index]:
                return None
            parameters[want[1:-1]] = given[index]
        elif want != given[index]:
            return None
    return parameters if len(pattern) == len(given) else None
