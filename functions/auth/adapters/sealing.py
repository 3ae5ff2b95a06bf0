"""Signing keys at rest: AES-256-GCM under a derived key.

What does not open is not a key of ours, whoever wrote the row; a new JWT_SECRET_KEY thereby retires all
keys of the old one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from functions.auth.adapters.derive import derived

_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Sealer:
    secret: str = field(repr=False)

    def seal(self, kid: str, private: Ed25519PrivateKey) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, private.private_bytes_raw(), kid.encode())

    def open(self, kid: str, sealed: bytes) -> Ed25519PrivateKey | None:
        nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return Ed25519PrivateKey.from_private_bytes(self._cipher().decrypt(nonce, text, kid.encode()))
        except (InvalidTag, ValueError):
            return None

    def _cipher(self) -> AESGCM:
        return AESGCM(derived(self.secret, "signing-keys/v1"))
