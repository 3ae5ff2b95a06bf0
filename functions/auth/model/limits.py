"""How often something may be tried.

Wrong passwords are counted for an account from one address, for an address over all accounts, and for an
account from everywhere. The last bound is wide, and tries that were turned away count nowhere, so that one
stranger's address cannot lock the owner of an account out; an open session refreshes regardless.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass

WINDOW_S = 900


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in `window_s` seconds, beginning with the first."""

    key: str
    most: int
    window_s: int = WINDOW_S


def login_limits(email_key: str, address: str) -> tuple[Limit, ...]:
    account, source = _account(email_key), _source(address)
    return (
        Limit(f"auth:tries:{account}:{source}", 10),
        Limit(f"auth:tries:from:{source}", 18),
        Limit(f"auth:tries:on:{account}", 100),
    )


def registration_limits(address: str) -> tuple[Limit, ...]:
    """For set-up and registration, which cost a password hash each."""
    return (Limit(f"auth:joins:from:{_source(address)}", 40),)


def _account(email_key: str) -> str:
    return hashlib.sha256(email_key.encode()).hexdigest()[:32]


def _source(address: str) -> str:
    """An IPv4 address, or the /64 that one IPv6 subscriber has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
