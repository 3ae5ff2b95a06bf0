"""JWT authorizers: signature, issuer, audience, times and scopes of a token.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html; the claims are rendered as
they were recorded. Of the descriptions, those of the audience and of the two communication errors are API Gateway's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from emulator.clock import Clock
from emulator.http_api.event import Call, Found
from emulator.http_api.identity import select
from emulator.http_api.keys import Keys, NoKeys
from emulator.http_api.refusals import Refusal, Refused
from emulator.template.http_model import JwtAuthorizer
from emulator.web.messages import Request

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
"""Only algorithms on RSA keys are supported."""
_NO_SCOPE = "the token does not have any of the required scopes"


class Invalid(Exception):
    """The token is not accepted; the message is the description that the client gets."""


class Tokens:
    """Checks tokens against the emulator's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.keys = Keys(clock)

    async def authorize(self, authorizer: JwtAuthorizer, request: Request, found: Found, call: Call) -> dict[str, Any]:
        """Return claims and scopes as the function gets them.

        Raises:
            Refused: 401 without a valid token, 403 without one of the route's scopes.
        """
        wanted = found.route.scopes
        token = _bare(select(authorizer.source, request, found, call))
        if not token:
            raise Refused(Refusal(401, "Unauthorized", "Bearer"))
        try:
            claims = await self._claims(authorizer, token)
        except (Invalid, NoKeys) as refused:
            raise Refused(Refusal(401, "Unauthorized", _challenge(wanted, "invalid_token", str(refused)))) from refused
        granted = [scope for scope in _scopes(claims) if scope in wanted]
        if wanted and not granted:
            raise Refused(Refusal(403, "Forbidden", _challenge(wanted, "insufficient_scope", _NO_SCOPE)))
        rendered = {name: _rendered(value) for name, value in claims.items() if value is not None}
        return {"claims": rendered, "scopes": granted or None}

    async def _claims(self, authorizer: JwtAuthorizer, token: str) -> Mapping[str, Any]:
        import jwt

        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError as broken:
            raise Invalid("the token is malformed") from broken
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS:
            raise Invalid(f"signing method {_quotable(algorithm)} is invalid")
        if not isinstance(key_id, str) or not key_id:
            raise Invalid("the token has no kid")
        key = await self.keys.find(authorizer.issuer, key_id)
        if key is None:
            raise Invalid("the token has an unknown kid")
        try:
            claims = jwt.decode(token, key, algorithms=[algorithm], options=_SIGNATURE_ONLY)
        except jwt.InvalidTokenError as broken:
            raise Invalid("the token's signature is invalid") from broken
        self._check(authorizer, claims)
        return claims

    def _check(self, authorizer: JwtAuthorizer, claims: Mapping[str, Any]) -> None:
        now = self._clock.now()
        if not _number(claims.get("exp")) or claims["exp"] <= now:
            raise Invalid("the token has expired")
        if claims.get("nbf") is not None and (not _number(claims["nbf"]) or claims["nbf"] > now):
            raise Invalid("the token is not valid yet")
        if claims.get("iat") is not None and (not _number(claims["iat"]) or claims["iat"] > now):
            raise Invalid("the token was issued in the future")
        if claims.get("iss") != authorizer.issuer:
            raise Invalid("the token has an invalid issuer")
        given = claims["aud"] if claims.get("aud") is not None else claims.get("client_id")
        if not any(each in authorizer.audience for each in (given if isinstance(given, list) else [given])):
            raise Invalid("the token does not have a valid audience")


_SIGNATURE_ONLY: Any = {
    "verify_signature": True, "verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False,
    "verify_iss": False, "verify_sub": False, "verify_jti": False,
}  # fmt: skip
"""Claims are checked here, by the emulator's clock."""


def _bare(value: str | None) -> str:
    scheme, _, rest = (value or "").strip().partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else (value or "").strip()


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _quotable(algorithm: Any) -> str:
    return algorithm if isinstance(algorithm, str) and algorithm.isalnum() and len(algorithm) < 16 else "unknown"


def _challenge(scopes: tuple[str, ...], error: str, description: str) -> str:
    return f'Bearer scope="{" ".join(scopes)}" error="{error}" error_description="{description}"'


def _scopes(claims: Mapping[str, Any]) -> list[str]:
    """Return the scopes of `scope` and `scp`, each a list or words in one text."""
    found: list[str] = []
    for given in (claims.get("scope"), claims.get("scp")):
        found += given.split() if isinstance(given, str) else [str(each) for each in given or []]
    return list(dict.fromkeys(found))


def _rendered(value: Any) -> str:
    """Render a claim: always text, a list as `[a b]`, a map as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + " ".join(_rendered(each) for each in value if each is not None) + "]"
    return json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else str(value)
