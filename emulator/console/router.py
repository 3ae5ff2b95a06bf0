"""A table of routes, and what a route gets of a request."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from emulator.web.messages import Request, Response, problem


class Refused(Exception):
    """The answer is a problem."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


@dataclass(frozen=True, slots=True)
class Asked:
    """A request at its route; `names` are the parts of the path that the route left open."""

    request: Request
    names: Mapping[str, str]

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.request.query, keep_blank_values=True))

    def number(self, name: str, default: int, *, largest: int) -> int:
        """Return a whole number of the query, at most `largest`.

        Raises:
            Refused: it is none.
        """
        given = self.query.get(name)
        if given is None:
            return default
        if not re.fullmatch(r"[0-9]{1,18}", given):
            raise Refused(400, "bad_parameter", f"{name} must be a whole number.")
        return min(int(given), largest)

    def flag(self, name: str) -> bool | None:
        """Return a yes or no of the query, None when it is not there.

        Raises:
            Refused: it is neither.
        """
        given = self.query.get(name)
        known = {None: None, "1": True, "true": True, "0": False, "false": False}
        if given not in known:
            raise Refused(400, "bad_parameter", f"{name} must be true or false.")
        return known[given]

    def body(self) -> dict[str, Any]:
        """Return the JSON object of the body; empty without one.

        Raises:
            Refused: it is not a JSON object.
        """
        try:
            document = json.loads(self.request.body or b"{}")
        except (ValueError, RecursionError) as broken:
            raise Refused(400, "malformed_json", f"The body is not JSON: {broken}") from broken
        if not isinstance(document, dict):
            raise Refused(400, "malformed_json", "The body must be a JSON object.")
        return document


View = Callable[[Asked], Awaitable[Response]]
Route = tuple[str, str, View]
"""Method, path with `{name}` for an open segment, and what answers."""


class Router:
    """Answers what one of its routes fits."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = [(method, _pattern(path), view) for method, path, view in routes]

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request, or return None if no route has its path."""
        method = "GET" if request.method == "HEAD" else request.method
        allowed: list[str] = []
        for wanted, pattern, view in self._routes:
            found = pattern.fullmatch(request.path)
            if found is None:
                continue
            if wanted == method:
                names = {name: unquote(value) for name, value in found.groupdict().items()}
                return await _answer(view, Asked(request, names))
            allowed.append(wanted)
        return _not_allowed(allowed) if allowed else None


async def _answer(view: View, asked: Asked) -> Response:
    try:
        return await view(asked)
    except Refused as refused:
        return problem(refused.status, refused.code, refused.detail)


def _not_allowed(allowed: list[str]) -> Response:
    methods = ", ".join(dict.fromkeys(allowed))
    response = problem(405, "method_not_allowed", f"This address answers {methods}.")
    response.headers.append(("Allow", methods))
    return response


def _pattern(path: str) -> re.Pattern[str]:
    parts = [
        f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part) for part in path.rstrip("/").split("/")
    ]
    return re.compile("/".join(parts) + "/?")
