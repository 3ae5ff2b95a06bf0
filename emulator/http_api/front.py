"""HTTP APIs at work: match, throttle, authorise, invoke, answer."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import uuid
from collections.abc import Iterator
from typing import NamedTuple

from emulator.aws.signatures import Verify, present
from emulator.clock import Clock
from emulator.http_api import cors, event, event_v1
from emulator.http_api.answers import Malformed, response_v1, response_v2
from emulator.http_api.authorize import Authorize, Invoke
from emulator.http_api.event import Call, Found
from emulator.http_api.refusals import FAILED, THROTTLED, TOO_LARGE, UNAVAILABLE, Refusal, Refused, refuse
from emulator.http_api.routes import Routes
from emulator.http_api.throttle import Bucket
from emulator.runtime.results import InvokeError, Throttled
from emulator.runtime.runtime import new_trace_id
from emulator.template.http_model import DEFAULT, HttpApi, HttpParts
from emulator.web.messages import Request, Response

MAX_EVENT_BYTES = 6 * 1024 * 1024


class _Served(NamedTuple):
    """An API with its compiled routes. `prefix` is that of its stage, empty for `$default`."""

    api: HttpApi
    prefix: str
    routes: Routes

    def below(self, path: str) -> str | None:
        """Return a path without the stage, or None if it is not one of the stage."""
        if not self.prefix:
            return path
        if path == self.prefix:
            return "/"
        return path.removeprefix(self.prefix) if path.startswith(self.prefix + "/") else None


class HttpFront:
    """Serves the HTTP APIs of one port."""

    def __init__(self, parts: HttpParts, *, invoke: Invoke, clock: Clock, verify: Verify = present) -> None:
        self._invoke, self._clock = invoke, clock
        self._served = list(_compiled(parts))
        self._authorize = Authorize(invoke, clock, verify=verify)
        self._buckets = {
            (route.api, route.key): Bucket(route.throttle, clock) for route in parts.routes if route.throttle
        }

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request, or return None if no route takes it."""
        found = self._find(request)
        call = Call(_request_id(), self._clock.now(), request.header("x-amzn-trace-id") or new_trace_id())
        rules = self._preflighted(request, found) if cors.is_preflight(request) else None
        if rules is not None:
            response = await self._preflight(rules, request, found, call)
        elif found is None:
            return None
        else:
            response = await self._serve(request, found, call)
        response.headers.append(("Apigw-Requestid", call.request_id))
        return response

    def _find(self, request: Request) -> Found | None:
        for served in self._served:
            path = served.below(request.path)
            if path is not None and (match := served.routes.match(request.method, path)) is not None:
                return Found(served.api, match.route, match.parameters)
        for served in self._served:
            if served.routes.default is not None and served.below(request.path) is not None:
                return Found(served.api, served.routes.default, {})
        return None

    def _preflighted(self, request: Request, found: Found | None) -> HttpApi | None:
        """Return the API whose CORS rules answer a preflight, if one does."""
        if found is not None:
            return found.api if found.api.cors else None
        for served in self._served:
            path = served.below(request.path)
            if served.api.cors and path is not None and (len(self._served) == 1 or served.routes.knows(path)):
                return served.api
        return None

    async def _preflight(self, api: HttpApi, request: Request, found: Found | None, call: Call) -> Response:
        """Answer a preflight. A route that takes OPTIONS, such as `$default`, is authorised first, as on AWS."""
        assert api.cors is not None, "only APIs with CORS rules answer preflights"
        try:
            if found is not None:
                await self._authorize(request, found, call)
        except Refused as refused:
            return cors.decorate(api.cors, request, refuse(refused.refusal))
        return cors.preflight(api.cors, request)

    async def _serve(self, request: Request, found: Found, call: Call) -> Response:
        bucket = self._buckets.get((found.api.name, found.route.key))
        if bucket is not None and not bucket.take():
            response = refuse(THROTTLED)
        else:
            response = await self._answer(request, found, call)
        return cors.decorate(found.api.cors, request, response) if found.api.cors else response

    async def _answer(self, request: Request, found: Found, call: Call) -> Response:
        refusal: Refusal
        try:
            async with asyncio.timeout(found.route.timeout_s):
                return await self._integrated(request, found, call)
        except Refused as refused:
            refusal = refused.refusal
        except (TimeoutError, Throttled):
            refusal = UNAVAILABLE
        except (Malformed, InvokeError):
            refusal = FAILED
        return refuse(refusal)

    async def _integrated(self, request: Request, found: Found, call: Call) -> Response:
        authorizer = await self._authorize(request, found, call)
        first = found.route.version == "1.0"
        build = event_v1.proxy_event if first else event.proxy_event
        payload = json.dumps(build(request, found, call, authorizer)).encode()
        if len(payload) > MAX_EVENT_BYTES:
            raise Refused(TOO_LARGE)
        result = await self._invoke(
            found.route.function, payload, request_id=str(uuid.uuid4()), trace_id=call.trace, origin="http"
        )
        return response_v1(result) if first else response_v2(result)


def _compiled(parts: HttpParts) -> Iterator[_Served]:
    """Compile the APIs that have routes, those with a named stage first: their prefix tells them apart."""
    for api in sorted(parts.apis.values(), key=lambda each: each.stage == DEFAULT):
        routes = [route for route in parts.routes if route.api == api.name]
        if routes:
            yield _Served(api, "" if api.stage == DEFAULT else f"/{api.stage}", Routes(routes))


def _request_id() -> str:
    """Return a request id in the form of HTTP APIs, such as `LV7fzho-PHcEJPw=`."""
    return base64.urlsafe_b64encode(os.urandom(11)).decode()
