"""Sealed keys: AES-256-GCM (NIST SP 800-38D) under a key derived from JWT_SECRET_KEY.

The organisation and the provider are authenticated with it, so that a sealed key copied to another row does
not open. Layout: version (1 byte), nonce (12), ciphertext and tag.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from kernel.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NONCE_BYTES = 12


class AesSeal:
    """`ports.Seal`; the cipher is made when it is first needed."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def close(self, key: str, *, org_id: str, provider_id: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, key.encode(), _about(org_id, provider_id))

    def open(self, sealed: bytes, *, org_id: str, provider_id: str) -> str:
        from cryptography.exceptions import InvalidTag

        version, nonce, text = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            if version != VERSION:
                raise InvalidTag
            return self._cipher.decrypt(nonce, text, _about(org_id, provider_id)).decode()
        except (InvalidTag, ValueError) as bad:
            message = "the stored key cannot be read: has JWT_SECRET_KEY changed? store the provider again"
            raise Conflict(message, code="key_unreadable") from bad

    @cached_property
    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        if not self._secret:
            raise Unavailable("JWT_SECRET_KEY is not set")
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"coderev/provider-keys/v1")
        return AESGCM(derived.derive(self._secret.encode()))


def _about(org_id: str, provider_id: str) -> bytes:
    return f"{org_id}/{provider_id}".encode()
