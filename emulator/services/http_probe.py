"""Asks a service over HTTP whether it answers."""

from __future__ import annotations

import http.client

from emulator.services.errors import NotReady
from emulator.services.ports import LOOPBACK

_TIMEOUT_S = 2


def expect(status: int, port: int, path: str) -> None:
    """Ask for a path on loopback.

    Raises:
        NotReady: nobody answers, or with another status.
    """
    line = http.client.HTTPConnection(LOOPBACK, port, timeout=_TIMEOUT_S)
    try:
        line.request("GET", path)
        found = line.getresponse().status
    except (OSError, http.client.HTTPException) as refused:
        raise NotReady(str(refused)) from refused
    finally:
        line.close()
    if found != status:
        raise NotReady(f"it answers {found}")
