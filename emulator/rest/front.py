"""The gateway at work: match, authorise, invoke, answer; files where no route matches."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from emulator.rest import authorizers, refusals
from emulator.rest.answers import Malformed, response_of
from emulator.rest.authorizers import Grant, Refused
from emulator.rest.event import Call, Match, Routes, proxy_event
from emulator.rest.preflight import preflight
from emulator.rest.refusals import Refusal
from emulator.runtime.results import InvokeError, Result, Throttled
from emulator.runtime.runtime import new_trace_id
from emulator.template import Api, ApiRoute, Authorizer
from emulator.web.messages import Request, Response
from emulator.web.statics import Statics

INTEGRATION_S = 29.0
_CACHE_SIZE = 1000


class Invoke(Protocol):
    """Runs a function by name; raises `InvokeError` if it was not run."""

    async def __call__(self, reference: str, payload: bytes, *, request_id: str, trace_id: str) -> Result: ...


@dataclass(frozen=True, slots=True)
class _Cached:
    grant: Grant
    until: float


class Front:
    """Serves the routes of one port."""

    def __init__(
        self,
        routes: tuple[ApiRoute, ...],
        apis: Mapping[str, Api],
        *,
        invoke: Invoke,
        statics: Statics | None = None,
        integration_s: float = INTEGRATION_S,
    ) -> None:
        self._routes, self._apis, self._invoke = Routes(routes), apis, invoke
        self._statics, self._integration_s = statics, integration_s
        used = {route.api for route in routes}
        self._default = next((api for name, api in apis.items() if name in used), Api())
        self._cors = [(route, apis[route.api]) for route in routes if apis[route.api].cors]
        self._cache: dict[tuple[str, ...], _Cached] = {}

    async def __call__(self, request: Request) -> Response:
        call = Call(request_id=str(uuid.uuid4()), time=time.time())
        trace = request.header("x-amzn-trace-id") or new_trace_id()
        found = self._routes.match(request.method, request.path)
        if found is None:
            response = self._elsewhere(request, call)
        else:
            response = await self._serve(request, found, call=call, trace=trace)
        response.headers += [("x-amzn-RequestId", call.request_id), ("X-Amzn-Trace-Id", trace.split(";")[0])]
        return response

    def too_large(self) -> Response:
        """Answer a body over the limit, which never gets as far as a route."""
        return refusals.refuse(refusals.TOO_LARGE, self._default, {"requestId": str(uuid.uuid4())})

    def _elsewhere(self, request: Request, call: Call) -> Response:
        if self._statics is not None and (file := self._statics.answer(request)) is not None:
            return file
        if request.method == "OPTIONS":
            for route, api in self._cors:
                if Routes([replace(route, method="OPTIONS")]).match("OPTIONS", request.path) and api.cors:
                    return preflight(api.cors)
        return self._refuse(refusals.UNKNOWN_ROUTE, request, self._default, call=call)

    async def _serve(self, request: Request, found: Match, *, call: Call, trace: str) -> Response:
        api = self._apis[found.route.api]
        try:
            async with asyncio.timeout(self._integration_s):
                call = await self._authorized(request, found, call=call, trace=trace)
                payload = json.dumps(proxy_event(request, found, call=call, api=api)).encode()
                result = await self._invoke(found.route.function, payload, request_id=str(uuid.uuid4()), trace_id=trace)
            return response_of(result, request, api)
        except Refused as refused:
            return self._refuse(refused.refusal, request, api, call=call)
        except TimeoutError:
            return self._refuse(refusals.TIMED_OUT, request, api, call=call)
        except Throttled:
            return self._refuse(refusals.THROTTLED, request, api, call=call)
        except (Malformed, InvokeError):
            return self._refuse(refusals.BAD_ANSWER, request, api, call=call)

    async def _authorized(self, request: Request, found: Match, *, call: Call, trace: str) -> Call:
        if found.route.authorizer is None:
            return call
        api = self._apis[found.route.api]
        authorizer = api.authorizers[found.route.authorizer]
        key = (api.name, authorizer.name, *authorizers.identity_of(authorizer, request))
        grant = self._remembered(authorizer, key)
        if grant is None:
            asked = authorizers.event(authorizer, request, found, call=call, api=api)
            result = await self._ask(authorizer, asked, trace)
            grant = authorizers.grant_of(result)
            self._remember(authorizer, key, grant)
        authorizers.check(grant, authorizers.method_arn(api, request))
        return replace(call, authorizer=grant.context)

    async def _ask(self, authorizer: Authorizer, asked: dict[str, object], trace: str) -> Result:
        payload = json.dumps(asked).encode()
        try:
            return await self._invoke(authorizer.function, payload, request_id=str(uuid.uuid4()), trace_id=trace)
        except InvokeError as failed:
            raise Refused(refusals.AUTHORIZER_FAILED) from failed

    def _remembered(self, authorizer: Authorizer, key: tuple[str, ...]) -> Grant | None:
        cached = self._cache.get(key) if authorizer.ttl_s else None
        return cached.grant if cached is not None and cached.until > time.monotonic() else None

    def _remember(self, authorizer: Authorizer, key: tuple[str, ...], grant: Grant) -> None:
        if authorizer.ttl_s:
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.pop(next(iter(self._cache)))
            self._cache[key] = _Cached(grant, time.monotonic() + authorizer.ttl_s)

    @staticmethod
    def _refuse(refusal: Refusal, request: Request, api: Api, *, call: Call) -> Response:
        context = {
            "requestId": call.request_id,
            "extendedRequestId": call.request_id,
            "path": request.path,
            "httpMethod": request.method,
            "stage": api.stage,
            "identity.sourceIp": request.source_ip,
        }
        return refusals.refuse(refusal, api, context)
