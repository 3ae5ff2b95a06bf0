"""What an access token says, and when it may be believed (RFC 9068, RFC 8725)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kernel.errors import Unauthorized

ISSUER = "coderev/auth"
AUDIENCE = "coderev/api"
TYPE = "at+jwt"
LEEWAY_S = 10


@dataclass(frozen=True, slots=True)
class Claims:
    """Moments are seconds since 1970."""

    id: str
    user_id: str
    org_id: str
    roles: tuple[str, ...]
    session_id: str
    epoch: int
    issued_at: int
    expires_at: int

    def payload(self) -> dict[str, Any]:
        return {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "jti": self.id,
            "sub": self.user_id,
            "org": self.org_id,
            "roles": list(self.roles),
            "sid": self.session_id,
            "epoch": self.epoch,
            "iat": self.issued_at,
            "nbf": self.issued_at,
            "exp": self.expires_at,
        }


def read(payload: object, *, now: float) -> Claims:
    """Return the claims of a payload whose signature holds.

    Raises:
        Unauthorized: it is not for us, not yet or no longer valid, or not of the shape we issue.
    """
    if not isinstance(payload, dict) or payload.get("iss") != ISSUER or payload.get("aud") != AUDIENCE:
        raise _bad()
    begins = max(_whole(payload, "iat"), _whole(payload, "nbf"))
    if begins > now + LEEWAY_S or _whole(payload, "exp") <= now - LEEWAY_S:
        raise _bad()
    roles = payload.get("roles")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise _bad()
    return Claims(
        id=_text(payload, "jti"),
        user_id=_text(payload, "sub"),
        org_id=_text(payload, "org"),
        roles=tuple(roles),
        session_id=_text(payload, "sid"),
        epoch=_whole(payload, "epoch"),
        issued_at=_whole(payload, "iat"),
        expires_at=_whole(payload, "exp"),
    )


def _text(payload: dict[str, Any], name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 100:
        raise _bad()
    return value


def _whole(payload: dict[str, Any], name: str) -> int:
    value = payload.get(name)
    if type(value) is not int or not 0 < value < 1 << 40:
        raise _bad()
    return value


def _bad() -> Unauthorized:
    return Unauthorized("the token does not hold", code="bad_token")
