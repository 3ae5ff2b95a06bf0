"""Sealed keys of providers: `kernel.sealing`, bound to the organisation and the provider."""

from __future__ import annotations

from kernel.errors import Conflict
from kernel.sealing import Seal


class AesSeal:
    """`ports.Seal`."""

    def __init__(self, secret: str) -> None:
        self._seal = Seal(secret, "provider-keys/v1")

    def close(self, key: str, *, org_id: str, provider_id: str) -> bytes:
        return self._seal.close(key, org_id, provider_id)

    def open(self, sealed: bytes, *, org_id: str, provider_id: str) -> str:
        try:
            return self._seal.open(sealed, org_id, provider_id)
        except Conflict as bad:
            message = "the stored key cannot be read: has JWT_SECRET_KEY changed? store the provider again"
            raise Conflict(message, code="key_unreadable") from bad
