"""The credentials of the functions: one set for each, so that a call tells who made it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

from emulator.options import Options

_PREFIX = "LOCA"
"""Instead of AKIA or ASIA: nobody takes these for keys of an account."""


class Identities:
    """Derives credentials from the emulator's token: the same ones after a restart with the same token."""

    def __init__(self, options: Options, functions: Iterable[str]) -> None:
        self._options = options
        self._by_function = {name: _derived(options.token, name) for name in functions}
        self._by_key = {key: name for name, (key, _) in self._by_function.items()}

    def of(self, function: str) -> tuple[str, str, str]:
        """Return key id, secret and session token of a function."""
        key, secret = self._by_function[function]
        return key, secret, self._options.credentials[2]

    def function_of(self, access_key: str) -> str | None:
        return self._by_key.get(access_key)

    def secrets(self) -> Mapping[str, str]:
        """Return the secret of every key id whose signatures are right."""
        own, access = self._options.credentials, self._options.s3
        objects = {access.access_key: access.secret_key} if access else {}
        return {
            **objects,
            **dict(self._by_function.values()),
            own[0]: own[1],
            **self._options.access_keys,
        }


def _derived(token: str, function: str) -> tuple[str, str]:
    made = hmac.new(token.encode(), f"aws-credentials\0{function}".encode(), hashlib.sha512).digest()
    return _PREFIX + base64.b32encode(made[:10]).decode(), base64.b64encode(made[10:40]).decode()
