"""Access tokens as compact JWS, EdDSA only (RFC 7515, RFC 8037).

We are the only issuer, so the header of a good token is one of few known texts. A token is looked up by its
header, letter by letter, before anything of it is decoded: `alg`, `jku`, `jwk`, `x5u`, `crit`, `zip` or a
`kid` of a stranger's choice are never read, let alone followed.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from functions.auth.model.claims import TYPE, Claims, read
from kernel.errors import Unauthorized

LONGEST_TOKEN = 4096  # characters; ours have about 600
_ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def header(kid: str) -> str:
    """The first part of every token that the key signs."""
    return _encode(json.dumps({"alg": "EdDSA", "kid": kid, "typ": TYPE}, separators=(",", ":")).encode())


def sign(claims: Claims, *, kid: str, key: Ed25519PrivateKey) -> str:
    text = f"{header(kid)}.{_encode(json.dumps(claims.payload(), separators=(',', ':')).encode())}"
    return f"{text}.{_encode(key.sign(text.encode()))}"


def header_of(token: str) -> str:
    """The first part of what may be a token. Raises Unauthorized if it cannot be one."""
    first, *rest = token.split(".", 3) if len(token) <= LONGEST_TOKEN else [""]
    if len(rest) != 2 or not first:
        raise _bad()
    return first


def verify(token: str, keys: Mapping[str, Ed25519PublicKey], *, now: float) -> Claims:
    """Return the claims of a token that one of `keys`, by their headers, has signed.

    Raises:
        Unauthorized: it does not hold; nobody learns why.
    """
    key = keys.get(header_of(token))
    if key is None:
        raise _bad()
    text, _, signature = token.rpartition(".")
    try:
        key.verify(_decode(signature), text.encode())
        payload = json.loads(_decode(text.partition(".")[2]), parse_constant=_refuse)
    except (InvalidSignature, ValueError, RecursionError) as bad:
        raise _bad() from bad
    return read(payload, now=now)


def public_jwk(kid: str, key: Ed25519PublicKey) -> dict[str, str]:
    x = _encode(key.public_bytes_raw())
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x}


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    """Strictly: the standard library would skip letters that do not belong. Raises ValueError."""
    letters = text.encode()
    if not _ALPHABET.issuperset(letters):
        raise binascii.Error("not base64url")
    return base64.urlsafe_b64decode(letters + b"=" * (-len(letters) % 4))


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _bad() -> Unauthorized:
    return Unauthorized("the token does not hold", code="bad_token")
