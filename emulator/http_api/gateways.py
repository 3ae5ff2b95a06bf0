"""Puts HTTP APIs and function URLs on the ports of the REST gateway."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from emulator.aws.signatures import Verify, present
from emulator.http_api.authorize import Invoke
from emulator.http_api.front import HttpFront
from emulator.http_api.refusals import NOT_FOUND, TOO_LARGE, refuse
from emulator.http_api.urls import FunctionUrls, address
from emulator.options import Options
from emulator.template import Template
from emulator.template.http_model import HttpParts
from emulator.web.messages import Request, Response
from emulator.web.statics import Statics

Otherwise = Callable[[Request], Awaitable[Response | None]]


class Rest(Protocol):
    """The REST gateway of a port. Where none of its routes fits, it asks `otherwise` before it refuses."""

    otherwise: Otherwise | None

    async def __call__(self, request: Request) -> Response: ...

    def too_large(self) -> Response: ...


class HttpGateways:
    """The HTTP APIs and function URLs of one emulator."""

    def __init__(self, template: Template, options: Options, invoke: Invoke, verify: Verify = present) -> None:
        self._template, self._options, self._invoke, self._verify = template, options, invoke, verify
        self._statics = Statics(options.static)

    def parts(self, domain: str | None) -> HttpParts:
        """Return the routes and URLs of a domain's functions, or all."""
        known = self._template.functions.values()
        return self._template.http.of(each.name for each in known if domain is None or each.domain == domain)

    def serves(self, domain: str) -> bool:
        """Tell whether a domain has HTTP API routes or function URLs."""
        parts = self.parts(domain)
        return bool(parts.routes or parts.urls)

    def over(self, rest: Rest, domain: str | None, *, alone: bool) -> Rest:
        """Return a handler of all that a port serves: REST first, then the HTTP APIs; URLs by their host.

        Args:
            alone: The port has no REST route, so what nobody serves is refused as an HTTP API does.
        """
        parts = self.parts(domain)
        if not parts.routes and not parts.urls:
            return rest
        options = self._options
        front = HttpFront(parts, invoke=self._invoke, clock=options.clock, verify=self._verify)
        urls = FunctionUrls(parts.urls, invoke=self._invoke, clock=options.clock, verify=self._verify)
        return _Port(rest, front, urls, statics=self._statics, alone=alone and bool(parts.routes))

    def status(self, ports: Mapping[str, int]) -> dict[str, Any]:
        """Tell the number of HTTP API routes and the address of each function URL."""
        http = self._template.http
        found: dict[str, Any] = {"http_routes": len(http.routes)} if http.routes else {}
        if http.urls and "all" in ports:
            found["urls"] = {url.function: address(url, ports["all"]) for url in http.urls}
        return found


class _Port:
    """Asks the function URLs, then the REST gateway, which asks the HTTP APIs where it has no route and no file."""

    def __init__(self, rest: Rest, front: HttpFront, urls: FunctionUrls, *, statics: Statics, alone: bool) -> None:
        self._rest, self._front, self._urls, self._statics, self._alone = rest, front, urls, statics, alone
        self.otherwise: Otherwise | None = None
        rest.otherwise = self._http

    async def __call__(self, request: Request) -> Response:
        answer = await self._urls(request)
        return answer if answer is not None else await self._rest(request)

    async def _http(self, request: Request) -> Response | None:
        if self._statics.answer(request) is not None:
            return None
        answer = await self._front(request)
        return refuse(NOT_FOUND) if answer is None and self._alone else answer

    def too_large(self) -> Response:
        return refuse(TOO_LARGE) if self._alone else self._rest.too_large()
