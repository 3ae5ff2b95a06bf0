"""Who is calling, and how one function proves to another on whose behalf it calls."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from kernel.errors import Unauthorized

TICKET_LIFE_S = 60
NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Caller:
    """A person or a function, in at most one organisation.

    `org_id` is None only before an organisation is known (registration, login).
    """

    user_id: str
    org_id: str | None = None
    roles: frozenset[str] = frozenset()
    kind: Literal["user", "function", "nobody"] = "user"
    session_id: str | None = None
    request_id: str = ""

    @property
    def organisation(self) -> str:
        """The organisation's id. Raises Unauthorized if there is none."""
        if self.org_id is None:
            raise Unauthorized("no organisation")
        return self.org_id

    @classmethod
    def nobody(cls, request_id: str = "") -> Caller:
        return cls(user_id=NOBODY, kind="nobody", request_id=request_id)

    @classmethod
    def function(cls, org_id: str | None, request_id: str = "") -> Caller:
        """The platform itself, working for an organisation that an event or a ticket named."""
        return cls(user_id=NOBODY, org_id=org_id, roles=frozenset({"function"}), kind="function", request_id=request_id)


def service_key(secret: str) -> bytes:
    """Derive the key of tickets from JWT_SECRET_KEY (HKDF, RFC 5869), so that one secret never serves two uses."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"coderev/tickets/v1").derive(secret.encode())


def ticket(caller: Caller, *, to: str, key: bytes) -> str:
    """A token that lets function `to` act for `caller` during the next minute."""
    import jwt

    now = int(time.time())
    claims = {
        "aud": to,
        "iat": now,
        "exp": now + TICKET_LIFE_S,
        "sub": caller.user_id,
        "org": caller.org_id,
        "roles": sorted(caller.roles),
        "rid": caller.request_id,
    }
    return jwt.encode(claims, key, algorithm="HS256", headers={"typ": "ticket+jwt"})


def bearer_of(token: str, *, me: str, key: bytes) -> Caller:
    """The caller that a ticket for function `me` speaks for.

    Raises:
        Unauthorized: the ticket is forged, expired or meant for another function.
    """
    import jwt

    try:
        claims = jwt.decode(
            token, key, algorithms=["HS256"], audience=me, options={"require": ["exp", "aud", "sub", "iat"]}
        )
    except jwt.PyJWTError as bad:
        raise Unauthorized("the call between functions carries no valid ticket") from bad
    return Caller(
        user_id=claims["sub"],
        org_id=claims.get("org"),
        roles=frozenset(claims.get("roles", ())),
        kind="function",
        request_id=claims.get("rid", ""),
    )
