"""The credentials of the functions: one set for each, so that a call tells who made it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from emulator.options import Options

_PREFIX = "LOCA"
"""Instead of AKIA or ASIA: nobody takes these for keys of an account."""


class Identities:
    """Derives credentials from the emulator's token: the same ones after a restart with the same token."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._by_key: dict[str, tuple[str, str]] = {}

    def of(self, function: str) -> tuple[str, str, str]:
        """Return key id, secret and session token of a function."""
        key, secret = _derived(self._options.token, function)
        self._by_key[key] = (function, secret)
        return key, secret, self._options.credentials[2]

    def function_of(self, access_key: str) -> str | None:
        """Return the function whose key id this is; one that never ran has none."""
        found = self._by_key.get(access_key)
        return found[0] if found else None

    def secrets(self) -> Mapping[str, str]:
        """Return the secret of every key id whose signatures are right."""
        own, access = self._options.credentials, self._options.s3
        objects = {access.access_key: access.secret_key} if access else {}
        return {
            **objects,
            **{key: secret for key, (_, secret) in self._by_key.items()},
            own[0]: own[1],
            **self._options.access_keys,
        }


def _derived(token: str, function: str) -> tuple[str, str]:
    made = hmac.new(token.encode(), f"aws-credentials\0{function}".encode(), hashlib.sha512).digest()
    return _PREFIX + base64.b32encode(made[:10]).decode(), base64.b64encode(made[10:40]).decode()
