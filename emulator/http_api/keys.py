"""The public keys of token issuers, fetched where their discovery document says.

Only issuers named in the template are asked, over https or on this machine, without following redirects, each fetch
within a few seconds and in a thread. A set of keys is kept for two hours, as API Gateway does; a key id that is not in
it makes us look again, so that an issuer restarted with new keys is not refused for so long.
"""

from __future__ import annotations

import asyncio
import json
import logging
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlsplit

from emulator.clock import Clock
from emulator.web.guard import is_loopback

log = logging.getLogger(__name__)
KEPT_S = 7200.0
_AGAIN_S = 5.0
_FETCH_S = 5.0
_MAX_BYTES = 1024 * 1024


class NoKeys(Exception):
    """The issuer's keys cannot be had; the message is API Gateway's description of it."""


@dataclass(frozen=True, slots=True)
class _Set:
    keys: Mapping[str, Any]
    since: float


class Keys:
    """Keeps the RSA keys of each issuer by key id."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sets: dict[str, _Set] = {}
        self._fetching: dict[str, asyncio.Task[_Set]] = {}

    async def find(self, issuer: str, key_id: str) -> Any | None:
        """Return a public key, or None if the issuer has none of that id.

        Raises:
            NoKeys: the issuer does not answer, or not with keys.
        """
        known, now = self._sets.get(issuer), self._clock.now()
        if known is None or now - known.since >= KEPT_S or (key_id not in known.keys and now - known.since >= _AGAIN_S):
            known = await self._fetched(issuer)
        return known.keys.get(key_id)

    async def _fetched(self, issuer: str) -> _Set:
        """Fetch once, however many requests wait for it."""
        task = self._fetching.get(issuer)
        if task is None:
            task = self._fetching[issuer] = asyncio.create_task(self._fetch(issuer))
            task.add_done_callback(lambda done: self._forget(issuer, done))
        return await asyncio.shield(task)

    def _forget(self, issuer: str, done: asyncio.Task[_Set]) -> None:
        self._fetching.pop(issuer, None)
        if not done.cancelled() and (failed := done.exception()) is not None:
            log.warning("no keys of the issuer", extra={"issuer": issuer, "reason": str(failed)})

    async def _fetch(self, issuer: str) -> _Set:
        discovery = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        document = await _document(discovery, "OIDC discovery endpoint communication error")
        address = document.get("jwks_uri")
        if not isinstance(address, str):
            raise NoKeys("OIDC discovery endpoint communication error")
        found = await _document(address, "JWKS communication error")
        self._sets[issuer] = kept = _Set(_rsa_keys(found), self._clock.now())
        return kept

    async def close(self) -> None:
        """Wait for fetches in progress, which end by themselves within seconds."""
        await asyncio.gather(*self._fetching.values(), return_exceptions=True)


async def _document(address: str, failure: str) -> Mapping[str, Any]:
    try:
        async with asyncio.timeout(_FETCH_S):
            document = await asyncio.to_thread(_get, address)
    except (OSError, TypeError, ValueError) as failed:
        raise NoKeys(failure) from failed
    return document


def _get(address: str) -> Mapping[str, Any]:
    """Fetch a JSON document.

    Raises:
        OSError: no answer, a redirect or an error status.
        TypeError, ValueError: the answer is no JSON object, or the address is not allowed.
    """
    parts = urlsplit(address)
    local = is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("keys are fetched over https, or on this machine")
    handlers: list[urllib.request.BaseHandler] = [_Still()]
    if local:
        handlers.append(urllib.request.ProxyHandler({}))
    with urllib.request.build_opener(*handlers).open(address, timeout=_FETCH_S) as answer:
        document = json.loads(answer.read(_MAX_BYTES))
    if not isinstance(document, dict):
        raise TypeError("the answer is no JSON object")
    return document


class _Still(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: an issuer must not send us elsewhere."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        return None


def _rsa_keys(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the RSA keys of a key set; other keys and broken ones are left out."""
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    declared = document.get("keys")
    found = {}
    for each in declared if isinstance(declared, list) else ():
        if not isinstance(each, dict) or each.get("kty") != "RSA" or not isinstance(each.get("kid"), str):
            continue
        try:
            public = {name: each[name] for name in ("kty", "n", "e", "kid") if name in each}
            found[each["kid"]] = PyJWK(public, "RS256").key
        except (PyJWTError, TypeError, ValueError) as broken:
            log.warning("key of the issuer is broken", extra={"key": each["kid"], "reason": str(broken)})
    return found
