"""Keys derived from JWT_SECRET_KEY, one for each use (HKDF, RFC 5869)."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kernel.errors import Unavailable


def derived(secret: str, use: str) -> bytes:
    """Return 32 bytes. Raises Unavailable if there is no secret: an empty one would let everybody sign."""
    if not secret:
        raise Unavailable("JWT_SECRET_KEY is not set")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"coderev/{use}".encode()).derive(secret.encode())
