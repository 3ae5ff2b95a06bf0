"""Opaque tokens of 256 bits, behind the id of the organisation in which they are looked up.

A successor is computed from the token it follows and a derived key: parallel refreshes of one token get the
same one without it being stored anywhere, and who stole only the old token, or only the database, cannot
compute it. Invitations are computed likewise from their ids.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from uuid import UUID

from functions.auth.adapters.derive import derived

_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class DerivedSecrets:
    """`ports.Secrets`."""

    secret: str = field(repr=False)

    def first_token(self, org_id: str) -> str:
        return f"crr_{_text(UUID(org_id).bytes + secrets.token_bytes(32))}"

    def organisation(self, token: str) -> str | None:
        named = _bytes(token.removeprefix("crr_"))[:_ID_BYTES]
        return str(UUID(bytes=named)) if len(named) == _ID_BYTES else None

    def successor(self, token: str) -> str:
        named = _bytes(token.removeprefix("crr_"))[:_ID_BYTES]
        return f"crr_{_text(named + self._mac('refresh-tokens/v1', token.encode()))}"

    def digest(self, token: str) -> bytes:
        return hashlib.sha256(token.encode()).digest()

    def invitation(self, org_id: str, invitation_id: str) -> str:
        named = UUID(org_id).bytes + UUID(invitation_id).bytes
        return f"cri_{_text(named + self._mac('invitations/v1', named))}"

    def read_invitation(self, token: str) -> tuple[str, str] | None:
        raw = _bytes(token.removeprefix("cri_"))
        named, mac = raw[: 2 * _ID_BYTES], raw[2 * _ID_BYTES :]
        if len(named) != 2 * _ID_BYTES or not hmac.compare_digest(mac, self._mac("invitations/v1", named)):
            return None
        return str(UUID(bytes=named[:_ID_BYTES])), str(UUID(bytes=named[_ID_BYTES:]))

    def same(self, given: str, secret: str) -> bool:
        equal = hmac.compare_digest(hashlib.sha256(given.encode()).digest(), hashlib.sha256(secret.encode()).digest())
        return equal and secret != ""

    def _mac(self, use: str, message: bytes) -> bytes:
        return hmac.digest(derived(self.secret, use), message, "sha256")


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "==")
    except ValueError:
        return b""


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
