"""Which bucket and key a request names, in the path or in the name of the host."""

from __future__ import annotations

import re

from emulator.web.messages import Request

_HOSTED = re.compile(
    r"([a-z0-9][a-z0-9.-]*)\.s3(?:[.-][a-z0-9-]+)?\.(?:localhost\.localstack\.cloud|localhost|amazonaws\.com)"
)
_BARE = re.compile(r"([a-z0-9][a-z0-9-]*)\.localhost")
_ENDPOINT_WORDS = ("s3", "s3-control")


def place(request: Request) -> tuple[str, str]:
    """Return bucket and key, both empty where there is none; the key stays percent-encoded."""
    bucket = hosted(request)
    if bucket is not None:
        return bucket, request.path.removeprefix("/")
    named, _, key = request.path.removeprefix("/").partition("/")
    return named, key


def hosted(request: Request) -> str | None:
    """Return the bucket in the name of the host, if it is there: `bucket.s3.localhost.localstack.cloud`."""
    host = (request.header("host") or "").rpartition(":")[0] or request.header("host") or ""
    if found := _HOSTED.fullmatch(host):
        return found[1]
    found = _BARE.fullmatch(host)
    return found[1] if found and found[1] not in _ENDPOINT_WORDS else None
