"""Who may use the console: programs of this machine, and the console's own page in a browser."""

from __future__ import annotations

from urllib.parse import urlsplit

from emulator.console.router import Refused
from emulator.web.guard import is_loopback
from emulator.web.messages import Request

HEADER = "x-coderev-console"
"""A page of another origin cannot send this without a preflight, which is never granted."""
_READING = ("GET", "HEAD")


def check(request: Request, *, everywhere: bool) -> None:
    """Let a request pass, or refuse it.

    Args:
        everywhere: Serve other machines too; by default only this one.

    Raises:
        Refused: it comes from another machine, or a foreign page makes a browser send it.
    """
    if not everywhere and not is_loopback(request.source_ip):
        raise Refused(403, "loopback_only", "The console answers this machine only.")
    if not _from_browser(request):
        return
    upgrade = (request.header("upgrade") or "").lower() == "websocket"
    if upgrade and not _same_origin(request):
        raise Refused(403, "foreign_origin", "Only the console's own page may open this WebSocket.")
    if request.method not in _READING and (request.header(HEADER) is None or not _same_origin(request)):
        raise Refused(403, "foreign_origin", f"A browser needs the header {HEADER}, and the console's own page.")


def _from_browser(request: Request) -> bool:
    return request.header("origin") is not None or request.header("sec-fetch-site") is not None


def _same_origin(request: Request) -> bool:
    origin = request.header("origin")
    if origin is None:
        return request.header("sec-fetch-site") in ("same-origin", "none")
    return urlsplit(origin).netloc.lower() == (request.header("host") or "").lower()
