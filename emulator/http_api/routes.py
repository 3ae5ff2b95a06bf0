"""Which route of an HTTP API a request takes.

A full match beats a greedy one, which beats `$default`; a method beats `ANY`. Paths are matched exactly: a slash
at the end counts. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from emulator.template.http_model import DEFAULT, HttpRoute


class Match(NamedTuple):
    route: HttpRoute
    parameters: Mapping[str, str]


class _Pattern(NamedTuple):
    route: HttpRoute
    segments: tuple[str, ...]


class Routes:
    """The routes of one API, compiled: literal paths are looked up, patterns tried by their number of segments."""

    def __init__(self, routes: Iterable[HttpRoute]) -> None:
        self._literal: dict[tuple[str, str], HttpRoute] = {}
        self._by_length: dict[int, list[_Pattern]] = {}
        self._greedy: list[_Pattern] = []
        self.default: HttpRoute | None = None
        for route in routes:
            self._add(route)
        for patterns in self._by_length.values():
            patterns.sort(key=_rank)
        self._greedy.sort(key=_rank)

    def _add(self, route: HttpRoute) -> None:
        segments = tuple(route.path[1:].split("/"))
        if route.path == DEFAULT:
            self.default = route
        elif "{" not in route.path:
            self._literal[route.method, route.path] = route
        elif segments[-1].endswith("+}"):
            self._greedy.append(_Pattern(route, segments))
        else:
            self._by_length.setdefault(len(segments), []).append(_Pattern(route, segments))

    def match(self, method: str, path: str) -> Match | None:
        """Pick the route of a request, `$default` aside.

        Args:
            path: Without the stage, still percent-encoded.
        """
        path = "/" + path.lstrip("/")
        literal = unquote(path) if "%" in path else path
        found = self._literal.get((method, literal)) or self._literal.get(("ANY", literal))
        if found is not None:
            return Match(found, {})
        segments = [unquote(each) for each in path[1:].split("/")] if "%" in path else path[1:].split("/")
        for route, pattern in self._by_length.get(len(segments), ()):
            if route.method in (method, "ANY") and (parameters := _fit(pattern, segments)) is not None:
                return Match(route, parameters)
        return self._rest(method, segments)

    def _rest(self, method: str, segments: list[str]) -> Match | None:
        for route, pattern in self._greedy:
            fixed = len(pattern) - 1
            rest = "/".join(segments[fixed:])
            if route.method not in (method, "ANY") or not rest:
                continue
            if (parameters := _fit(pattern[:-1], segments[:fixed])) is not None:
                return Match(route, {**parameters, pattern[-1][1:-2]: rest})
        return None

    def knows(self, path: str) -> bool:
        """Tell whether a path is served with some method."""
        methods = {method for method, _ in self._literal}
        methods |= {each.route.method for patterns in self._by_length.values() for each in patterns}
        methods |= {each.route.method for each in self._greedy}
        return self.default is not None or any(self.match(method, path) for method in methods)


def _rank(pattern: _Pattern) -> tuple[list[int], bool]:
    """Sort key: a literal segment before a variable before a greedy one, from the left; then a method before ANY."""
    kinds = [2 if each.endswith("+}") else 1 if each.startswith("{") else 0 for each in pattern.segments]
    return kinds, pattern.route.method == "ANY"


def _fit(pattern: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    parameters = {}
    for want, given in zip(pattern, segments, strict=True):
        if want.startswith("{"):
            if not given:
                return None
            parameters[want[1:-1]] = given
        elif want != given:
            return None
    return parameters
