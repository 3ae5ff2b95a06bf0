"""The HTTP server on its own: slow clients, expectations, stopping."""

from __future__ import annotations

import asyncio

import pytest

from emulator.web import server as server_module
from emulator.web.encoding import encode
from emulator.web.limits import Limits
from emulator.web.messages import Request, Response
from emulator.web.server import Server

GET = b"GET /a?b=c HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def answer(request: Request) -> Response:
    if request.path == "/slow":
        await asyncio.sleep(0.2)
    if request.path == "/broken":
        raise RuntimeError("broken")
    return Response(200, [("Content-Type", "text/plain")], request.body or request.query.encode())


def talk(data: bytes, limits: Limits | None = None, *, stop: bool = False) -> bytes:
    """Send bytes to a fresh server; return what comes back until it closes, or for half a second."""

    async def main() -> bytes:
        server = Server(answer, limits=limits)
        port = await server.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        stopping = None
        if stop:
            await asyncio.sleep(0.05)
            stopping = asyncio.create_task(server.stop())
        received = b""
        try:
            async with asyncio.timeout(0.5 if not limits else 3):
                while part := await reader.read(65_536):
                    received += part
        except TimeoutError:
            pass
        writer.close()
        await (stopping or server.stop())
        return received

    return asyncio.run(main())


def test_head_and_body_come_in_one_answer():
    received = talk(GET)

    assert received.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: ")
    assert received.endswith(b"Content-Length: 3\r\nConnection: keep-alive\r\n\r\nb=c")


def test_http_1_0_and_connection_close_end_the_connection():
    for request in (b"GET /a HTTP/1.0\r\n\r\n", GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")):
        assert b"Connection: close" in talk(request)


def test_a_client_that_expects_100_continue_gets_it():
    request = b"POST /a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"

    assert talk(request).startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


@pytest.mark.parametrize("sent", [b"GET /a HT", b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"])
def test_a_client_that_sends_too_slowly_is_told_so(monkeypatch, sent):
    monkeypatch.setattr(server_module, "_SWEEP_S", 0.05)

    assert talk(sent, Limits(header_s=0.1, body_s=0.1)).startswith(b"HTTP/1.1 408")


def test_a_client_that_sends_nothing_is_disconnected(monkeypatch):
    monkeypatch.setattr(server_module, "_SWEEP_S", 0.05)

    assert talk(b"", Limits(idle_s=0.1)) == b""


def test_an_upgrade_is_ignored():
    request = b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"

    assert talk(request).startswith(b"HTTP/1.1 200 OK")


def test_a_failing_handler_is_a_500_that_tells_nothing():
    received = talk(b"GET /broken HTTP/1.1\r\nHost: x\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 500")
    assert b"RuntimeError" not in received


def test_an_answer_in_progress_is_finished_at_a_stop():
    received = talk(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", stop=True)

    assert received.startswith(b"HTTP/1.1 200 OK")
    assert b"Connection: close" in received


def test_bodiless_statuses_have_no_length_and_head_has_no_body():
    assert b"Content-Length" not in encode(Response(204), head=False, keep=True)
    assert encode(Response(200, [], b"body"), head=True, keep=True).endswith(
        b"Content-Length: 4\r\nConnection: keep-alive\r\n\r\n"
    )
    own = encode(Response(200, [("Content-Length", "99"), ("Connection", "x")], b""), head=False, keep=True)
    assert own.count(b"Content-Length") == 1
    assert b"99" not in own.split(b"GMT")[1]
