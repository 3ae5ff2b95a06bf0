"""Requests to the emulator's Lambda API, signed with the local user's own key."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import Request as Outgoing

ACCESS_KEY = "coderev"


def secret_of(token: str) -> str:
    """The secret of the local user's key, made from what only the owner of the data folder can read."""
    return hmac.digest(token.encode(), b"command line", "sha256").hex()


def post(url: str, body: bytes, headers: Mapping[str, str], secret: str) -> Outgoing:
    """Return a signed POST to `url`, which has no query."""
    from emulator.aws.sigv4 import sign
    from emulator.web.messages import Request

    place = urlsplit(url)
    given = Request("POST", place.path, headers=[("Host", place.netloc), *headers.items()], body=body)
    credentials = (ACCESS_KEY, secret)
    signed = sign(given, credentials=credentials, region="us-east-1", service="lambda", now=time.time())
    return Outgoing(url, body, dict(signed), method="POST")
