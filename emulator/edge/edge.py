"""Port 4566: a chain of APIs, of which the first that knows a request answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from emulator.web.messages import Request, Response, problem

Part = Callable[[Request], Awaitable[Response | None]]
"""An API: answers a request, or returns None if the request is none of its own."""


class Edge:
    """Asks its parts in order."""

    def __init__(self, *parts: Part) -> None:
        self._parts = parts

    async def __call__(self, request: Request) -> Response:
        for part in self._parts:
            if (answer := await part(request)) is not None:
                return answer
        return problem(404, "not_found", f"{request.method} {request.path} is not served here.")
