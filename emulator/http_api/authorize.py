"""Asks a route's authorizer about a request, and remembers what Lambda authorizers said."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from emulator.aws.signatures import Verify, present
from emulator.clock import Clock
from emulator.http_api import grants, iam
from emulator.http_api.event import Call, Found
from emulator.http_api.grants import Grant
from emulator.http_api.refusals import FAILED, FORBIDDEN, Refused
from emulator.http_api.tokens import Tokens
from emulator.runtime.results import InvokeError, Result
from emulator.template.http_model import JwtAuthorizer, LambdaAuthorizer
from emulator.web.messages import Request

_CACHE_SIZE = 1000


class Invoke(Protocol):
    """Runs a function by name; raises `InvokeError` if it was not run."""

    async def __call__(
        self, reference: str, payload: bytes, *, request_id: str, trace_id: str, origin: str
    ) -> Result: ...


class _Cached(NamedTuple):
    grant: Grant
    until: float


class Authorize:
    """The authorizers of one port."""

    def __init__(self, invoke: Invoke, clock: Clock, *, verify: Verify = present) -> None:
        self._invoke, self._clock, self._verify = invoke, clock, verify
        self.tokens = Tokens(clock)
        self._cache: dict[tuple[str, ...], _Cached] = {}

    async def __call__(self, request: Request, found: Found, call: Call) -> Mapping[str, Any] | None:
        """Return `requestContext.authorizer` for the function, None on a route without an authorizer.

        Raises:
            Refused: the request does not get through.
        """
        if found.route.authorizer is None:
            return None
        authorizer = found.api.authorizers[found.route.authorizer]
        if isinstance(authorizer, JwtAuthorizer):
            return {"jwt": await self.tokens.authorize(authorizer, request, found, call)}
        if isinstance(authorizer, LambdaAuthorizer):
            return {"lambda": await self._granted(authorizer, request, found, call)}
        if (caller := iam.caller(self._verify, request, "execute-api")) is None:
            raise Refused(FORBIDDEN)
        return {"iam": caller}

    async def _granted(
        self, authorizer: LambdaAuthorizer, request: Request, found: Found, call: Call
    ) -> Mapping[str, Any] | None:
        identity = grants.identity_of(authorizer, request, found, call)
        key = (found.api.name, authorizer.name, *identity)
        grant = self._remembered(authorizer, key)
        if grant is None:
            asked = grants.question(authorizer, request, found, call, identity=identity)
            grant = grants.grant_of(authorizer, await self._ask(authorizer, asked, call))
            self._remember(authorizer, key, grant)
        if not grant.allows(grants.asked_for(request, found, call)):
            raise Refused(FORBIDDEN)
        return grant.context

    async def _ask(self, authorizer: LambdaAuthorizer, asked: Mapping[str, Any], call: Call) -> Result:
        payload, request_id = json.dumps(asked).encode(), str(uuid.uuid4())
        try:
            return await self._invoke(
                authorizer.function, payload, request_id=request_id, trace_id=call.trace, origin="authorizer"
            )
        except InvokeError as failed:
            raise Refused(FAILED) from failed

    def _remembered(self, authorizer: LambdaAuthorizer, key: tuple[str, ...]) -> Grant | None:
        cached = self._cache.get(key) if _caches(authorizer) else None
        return cached.grant if cached is not None and cached.until > self._clock.now() else None

    def _remember(self, authorizer: LambdaAuthorizer, key: tuple[str, ...], grant: Grant) -> None:
        if _caches(authorizer):
            self._cache.pop(key, None)
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.pop(next(iter(self._cache)))
            self._cache[key] = _Cached(grant, self._clock.now() + authorizer.ttl_s)


def _caches(authorizer: LambdaAuthorizer) -> bool:
    """Caching needs an identity source: its values are the key."""
    return authorizer.ttl_s > 0 and bool(authorizer.sources)
