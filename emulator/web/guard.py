"""Keeps web pages away from loopback ports: only loopback names in Host, only loopback pages in Origin.

Without it a page on any site could reach the emulator through a name that resolves to 127.0.0.1
(DNS rebinding) or by a plain cross-origin POST.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from emulator.web.messages import Handler, Request, Response, problem

_AWS = re.compile(r"[a-z0-9-]+\.(execute-api\.[a-z0-9-]+\.amazonaws\.com|lambda-url\.[a-z0-9-]+\.on\.aws)")
"""Names of APIs in AWS, whose DNS nobody else has: a client of a gateway may send its requests here as it does there."""


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".localhost.localstack.cloud")):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def guarded(handler: Handler, *, allowed: Collection[str] = (), origins: bool = False) -> Handler:
    """Refuse with 403 what does not name this machine.

    Args:
        allowed: Further host names that are served.
        origins: Also refuse requests that a page of another host makes; without it the names of APIs in AWS will do.
    """

    def known(host: str) -> bool:
        return is_loopback(host) or host.lower() in allowed

    def named(host: str) -> bool:
        return known(host) or (not origins and _AWS.fullmatch(host.lower()) is not None)

    async def checked(request: Request) -> Response:
        host = request.header("host")
        if host is None or not named(_name(host)):
            return problem(403, "foreign_host", "This port answers only to names of this machine.")
        origin = request.header("origin") if origins else None
        if origin is not None and not known(urlsplit(origin).hostname or ""):
            return problem(403, "foreign_origin", "This port does not answer pages of other hosts.")
        return await handler(request)

    return checked


def _name(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
