"""Secrets at rest: AES-256-GCM (NIST SP 800-38D) under a key derived from JWT_SECRET_KEY (HKDF, RFC 5869).

Each purpose has a key of its own. What a secret belongs to (organisation, object) is authenticated with it, so
that a sealed secret copied to another row does not open. Layout: version (1 byte), nonce (12), ciphertext and tag.
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


class Seal:
    """Closes and opens secrets of one purpose (`repositories/v1`); the cipher is made when it is first needed."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._secret = secret
        self._purpose = purpose

    def close(self, text: str, *about: str) -> bytes:
        """Seal `text` for the object that the ids `about` name. Raises Unavailable without JWT_SECRET_KEY."""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), _joined(about))

    def open(self, sealed: bytes, *about: str) -> str:
        """The sealed text.

        Raises:
            Conflict: it was sealed elsewhere, for another object, or altered (`secret_unreadable`).
        """
        from cryptography.exceptions import InvalidTag

        version, nonce, text = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            if version != VERSION:
                raise InvalidTag
            return self._cipher.decrypt(nonce, text, _joined(about)).decode()
        except (InvalidTag, ValueError) as bad:
            message = "a stored secret cannot be read: has JWT_SECRET_KEY changed? store it again"
            raise Conflict(message, code="secret_unreadable") from bad

    @cached_property
    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        if not self._secret:
            raise Unavailable("JWT_SECRET_KEY is not set")
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"coderev/{self._purpose}".encode())
        return AESGCM(derived.derive(self._secret.encode()))


def _joined(about: tuple[str, ...]) -> bytes:
    return "/".join(about).encode()
