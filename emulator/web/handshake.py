"""Begin and end of a WebSocket: the handshake (RFC 6455, section 4.2), then what the handler answered.

Extensions, compression among them, are never agreed on.
"""

from __future__ import annotations

import logging

from websockets.datastructures import Headers
from websockets.http11 import Request as Asked
from websockets.http11 import Response as Answered
from websockets.server import ServerProtocol

from emulator.web.messages import Request, Response
from emulator.web.websocket import FAILED, Closed, Socket, Upgrade

log = logging.getLogger(__name__)
log.setLevel(logging.WARNING)


def is_websocket(request: Request) -> bool:
    """Tell whether a request asks for a WebSocket; `refusal` tells whether it asks properly."""
    return any(name.lower() == "upgrade" and value.strip().lower() == "websocket" for name, value in request.headers)


def refusal(request: Request) -> Response | None:
    """Return the answer to a broken handshake (400, 405, 426 or 505), or None if it is in order."""
    answered = ServerProtocol(logger=log).accept(_asked(request))
    return None if answered.status_code == 101 else _response(answered)


def accept(request: Request, upgrade: Upgrade) -> bytes | Response:
    """Return the bytes that open the socket, or the answer to a broken handshake."""
    answered = ServerProtocol(logger=log).accept(_asked(request))
    if answered.status_code != 101:
        return _response(answered)
    for name, value in upgrade.headers:
        answered.headers[name] = value
    if upgrade.subprotocol is not None:
        answered.headers["Sec-WebSocket-Protocol"] = upgrade.subprotocol
    return bytes(answered.serialize())


async def serve(socket: Socket, upgrade: Upgrade) -> None:
    """Run what the handler answered, and see the socket closed."""
    try:
        await upgrade.run(socket)
    except Closed:
        log.debug("socket closed")
    except Exception:
        log.exception("socket failed")
        socket.end(FAILED)
    await socket.close()


def _asked(request: Request) -> Asked:
    target = f"{request.path}?{request.query}" if request.query else request.path
    return Asked(target, Headers(request.headers), request.method, request.protocol)


def _response(answered: Answered) -> Response:
    return Response(answered.status_code, list(answered.headers.raw_items()), bytes(answered.body))
