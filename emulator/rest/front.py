"""The gateway at work: match, authorise, meter, validate, invoke, answer; files where no route matches."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from emulator.aws.signatures import Verify, present
from emulator.clock import Clock, SystemClock
from emulator.rest import authorizers, preflight, refusals
from emulator.rest.answers import response_of
from emulator.rest.authorizers import Grant, Grants
from emulator.rest.call import Call
from emulator.rest.event import proxy_event
from emulator.rest.gateway_responses import refuse
from emulator.rest.iam import caller_of
from emulator.rest.refusals import Refusal, Refused
from emulator.rest.targets import Target, targets
from emulator.rest.usage import Meter
from emulator.runtime.results import MAX_RESPONSE_BYTES, InvokeError, Result
from emulator.template import Api, ApiRoute, Authorizer
from emulator.template.rest_model import Usage
from emulator.web.messages import Pairs, Request, Response
from emulator.web.statics import Statics

INTEGRATION_S = 29.0
_LARGEST_EVENT = MAX_RESPONSE_BYTES


class Invoke(Protocol):
    """Runs a function by name; raises `InvokeError` if it was not run."""

    async def __call__(
        self, reference: str, payload: bytes, *, request_id: str, trace_id: str, origin: str
    ) -> Result: ...


class Front:
    """Serves the routes of one port. Without `integration_s` nothing is given up on, and no event loop is needed."""

    def __init__(
        self,
        routes: tuple[ApiRoute, ...],
        apis: Mapping[str, Api],
        *,
        invoke: Invoke,
        meter: Meter | None = None,
        verify: Verify = present,
        clock: Clock | None = None,
        statics: Statics | None = None,
        integration_s: float | None = INTEGRATION_S,
    ) -> None:
        self._routes, self._invoke = targets(routes, apis), invoke
        self._meter, self._verify, self._clock = meter or Meter(Usage()), verify, clock or SystemClock()
        self._statics, self._integration_s = statics, integration_s
        used = {route.api for route in routes}
        self._apis = [api for name, api in apis.items() if name in used] or [Api()]
        self._grants = Grants()
        self.otherwise: Callable[[Request], Awaitable[Response | None]] | None = None
        """What is asked before a request without a route is refused; it may know none either."""

    async def __call__(self, request: Request) -> Response:
        return await self.answer(request)

    async def answer(self, request: Request, granted: Mapping[str, Any] | None = None) -> Response:
        """Serve one request.

        Args:
            granted: What the authorizer of the route is taken to have said, instead of asking it.
        """
        call = self._call(request)
        if call.target is None:
            return await self._elsewhere(call)
        try:
            async with self._limit(call.target):
                response = await self._run(call, call.target, granted)
        except Refused as refused:
            return self._refuse(refused.refusal, call)
        except TimeoutError:
            return self._refuse(refusals.TIMED_OUT, call)
        except InvokeError:
            return self._refuse(refusals.NOT_RUN, call)
        response.headers += [*_ids(call), ("X-Amzn-Trace-Id", call.told_trace)]
        return response

    def too_large(self) -> Response:
        """Answer a body over the limit, which never gets as far as a route."""
        return self._refuse(refusals.TOO_LARGE, Call(Request("POST", "/"), self._apis[0], self._clock.now()))

    @staticmethod
    def _refuse(refusal: Refusal, call: Call) -> Response:
        response = refuse(refusal, call.api, call)
        response.headers += _ids(call)
        return response

    def _call(self, request: Request) -> Call:
        """Find the route: by the bare path, else behind the name of a stage, as on the default domain of AWS."""
        call = Call(request, self._apis[0], self._clock.now())
        if (found := self._routes.match(call.method, request.path)) is not None:
            call.take(found.route, found.path_parameters)
            return call
        for api in self._apis:
            base, rest = _staged(request.path, api.stage)
            found = self._routes.match(call.method, rest) if base else None
            if found is not None and found.route.api is api:
                call.take(found.route, found.path_parameters, base)
                break
        return call

    async def _elsewhere(self, call: Call) -> Response:
        if self._statics is not None and (file := self._statics.answer(call.request)) is not None:
            return file
        if self.otherwise is not None and (other := await self.otherwise(call.request)) is not None:
            return other
        return self._refuse(refusals.UNKNOWN_ROUTE, call)

    def _limit(self, target: Target) -> AbstractAsyncContextManager[Any]:
        if self._integration_s is None:
            return contextlib.AsyncExitStack()
        return asyncio.timeout(target.route.timeout_s or self._integration_s)

    async def _run(self, call: Call, target: Target, granted: Mapping[str, Any] | None) -> Response:
        key = await self._authorised(call, target, granted)
        if target.route.api_key:
            call.key = self._meter.authorised(call, given=key)
        if call.api.throttles:
            self._meter.throttle(call)
        if target.validator is not None:
            target.validator.check(headers=call.given, query=call.query, path=call.parameters, body=call.request.body)
        if target.preflight is not None:
            return Response(200, list(target.preflight), preflight.BODY)
        payload = json.dumps(proxy_event(call)).encode()
        if len(payload) > _LARGEST_EVENT:
            raise Refused(refusals.TOO_LONG)
        result = await self._ask(target.route.function, payload, call)
        return response_of(result, call.given.get("accept"), call.api)

    async def _authorised(self, call: Call, target: Target, granted: Mapping[str, Any] | None) -> str | None:
        """Find out who calls, and return the API key that the request is to be metered by."""
        key = call.given.get("x-api-key")
        if target.signed:
            call.caller = caller_of(call.request, self._verify)
        elif target.authorizer is not None and granted is not None:
            call.authorizer = granted
        elif target.authorizer is not None:
            grant, latency_ms = await self._grant(call, target.authorizer)
            authorizers.check(grant, call)
            call.authorizer = {**grant.context, "integrationLatency": latency_ms}
            key = grant.key if call.api.key_source == "AUTHORIZER" else key
        return key

    async def _grant(self, call: Call, authorizer: Authorizer) -> tuple[Grant, int]:
        """Return an authorizer's answer and how long it took in ms, 0 where it was remembered."""
        key = (call.api.name, authorizer.name, *authorizers.identity_of(authorizer, call))
        grant = self._grants.get(key, call.now) if authorizer.ttl_s else None
        if grant is not None:
            return grant, 0
        began = time.perf_counter()
        try:
            result = await self._ask(authorizer.function, authorizers.question(authorizer, call), call, "authorizer")
        except InvokeError as failed:
            raise Refused(refusals.AUTHORIZER_FAILED) from failed
        grant = authorizers.grant_of(result)
        if authorizer.ttl_s:
            self._grants.put(key, grant, call.now + authorizer.ttl_s)
        return grant, int((time.perf_counter() - began) * 1000)

    async def _ask(self, function: str, payload: bytes, call: Call, origin: str = "http") -> Result:
        request_id = call.invocation_id if origin == "http" else str(uuid.uuid4())
        return await self._invoke(function, payload, request_id=request_id, trace_id=call.trace, origin=origin)


def _ids(call: Call) -> Pairs:
    return [("x-amzn-RequestId", call.request_id), ("x-amz-apigw-id", call.extended_id)]


def _staged(path: str, stage: str) -> tuple[str, str]:
    """Split a path into the stage with the slashes before it, and the rest; the first is empty without the stage."""
    base = path[: len(path) - len(path.lstrip("/"))] + stage
    rest = path[len(base) :]
    return (base, rest) if path.startswith(base) and rest[:1] in ("", "/") else ("", path)
