"""WebSockets of the HTTP server, talked to with a client library over a real port."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from emulator.web import server as server_module
from emulator.web.messages import Request, Response
from emulator.web.server import Server
from emulator.web.websocket import Closed, Socket, SocketLimits, Upgrade

Run = Callable[[Socket], Awaitable[None]]
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Served:
    """A server whose every path is a WebSocket; remembers how sockets ended."""

    def __init__(self, run: Run | None = None, **upgrade: Any) -> None:
        self.run, self.upgrade = run or self.echo, upgrade
        self.ended: list[tuple[int, str]] = []
        self.server = Server(self.answer)

    async def answer(self, request: Request) -> Response:
        if request.path == "/plain":
            return Response(200, body=b"plain")
        return Upgrade(run=self._run, **self.upgrade)

    async def _run(self, socket: Socket) -> None:
        try:
            await self.run(socket)
        except Closed as closed:
            self.ended.append((closed.code, closed.reason))
            raise

    async def echo(self, socket: Socket) -> None:
        while True:
            await socket.send(await socket.receive())

    async def __aenter__(self) -> Self:
        self.port = await self.server.start("127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.stop(grace_s=1.0)
        assert not self.server.connections
        assert len(asyncio.all_tasks()) == 1, "a task is left"

    def connect(self, **given: Any) -> Any:
        return connect(f"ws://127.0.0.1:{self.port}/x?a=b", **given)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


def test_text_and_binary_come_back_and_the_client_closes():
    async def main():
        async with Served(subprotocol="chat", headers=[("X-One", "1")]) as served:
            async with served.connect(subprotocols=["chat"]) as client:
                for message in ("héllo", b"\0\1", "", "x" * 200_000):
                    await client.send(message)
                    assert await client.recv() == message
                assert client.subprotocol == "chat"
                assert client.response.headers["X-One"] == "1"
                assert "Sec-WebSocket-Extensions" not in client.response.headers
                await (await client.ping())
                await client.close(4001, "enough")
            await until(lambda: served.ended == [(4001, "enough")])

    asyncio.run(main())


def test_fragments_are_one_message_and_long_answers_are_fragments():
    async def main():
        async with Served(limits=SocketLimits(frame_bytes=10)) as served, served.connect() as client:
            await client.send(["one ", "two ", "three"])
            assert [part async for part in client.recv_streaming()] == ["one two th", "ree"]

    asyncio.run(main())


@pytest.mark.parametrize("message", ["x" * 11, ["x" * 9] * 3], ids=["frame", "message"])
def test_a_frame_or_message_over_its_limit_closes_with_1009(message):
    async def main():
        async with Served(limits=SocketLimits(frame_bytes=10, message_bytes=20)) as served, served.connect() as client:
            await client.send(message)
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009
            await until(lambda: [code for code, _ in served.ended] == [1009])

    asyncio.run(main())


def test_the_close_frame_arrives_although_the_client_still_sends():
    async def main():
        async with Served() as served:
            client = await served.connect()
            with pytest.raises(ConnectionClosed) as closed:
                await client.send(b"x" * 4_000_000)
                await client.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009

    asyncio.run(main())


def test_text_that_is_not_utf_8_closes_with_1007():
    async def main():
        async with Served() as served, served.connect() as client:
            await _raw(client, Frame(Opcode.TEXT, b"\xff\xfe"))
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1007

    asyncio.run(main())


async def _raw(client: ClientConnection, frame: Frame) -> None:
    client.transport.write(frame.serialize(mask=True))


def test_the_application_pings_and_is_told_that_the_client_left():
    heard = []

    async def ping(socket: Socket) -> None:
        socket.on_heard = lambda: heard.append(1)
        assert socket.closed is None
        await socket.ping()
        with pytest.raises(Closed):
            await socket.receive()
        assert socket.closed is not None
        for refused in (socket.ping(), socket.send("late")):
            with pytest.raises(Closed):
                await refused

    async def main():
        async with Served(ping) as served:
            async with served.connect():
                await until(lambda: len(heard) == 1)
            await until(lambda: not served.server.connections)

    asyncio.run(main())


def test_a_client_that_vanishes_is_noticed():
    async def main():
        async with Served() as served:
            client = await served.connect()
            client.transport.abort()
            await until(lambda: served.ended == [(1006, "")])

    asyncio.run(main())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-WebSocket-Version": "12"}, 400),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Upgrade": "other"}, 426),
    ],
)
def test_a_broken_handshake_is_refused(headers, status):
    given = {
        "Host": "localhost",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        **headers,
    }

    async def main():
        async with Served() as served:
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            lines = [f"{name}: {value}\r\n" for name, value in given.items()]
            writer.write(f"GET / HTTP/1.1\r\n{''.join(lines)}\r\n".encode())
            assert (await reader.read()).startswith(f"HTTP/1.1 {status} ".encode())
            writer.close()

    asyncio.run(main())


def test_a_handler_may_answer_a_handshake_plainly():
    async def main():
        async with Served() as served:
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"ws://127.0.0.1:{served.port}/plain")
            assert refused.value.response.status_code == 200
            assert refused.value.response.body == b"plain"

    asyncio.run(main())


def test_what_is_sent_with_the_handshake_is_not_lost():
    async def main():
        async with Served() as served:
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            early = Frame(Opcode.TEXT, b"early").serialize(mask=True)
            writer.write(HANDSHAKE + early)
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(7) == b"\x81\x05early"
            writer.close()

    asyncio.run(main())


def test_a_stopping_server_sends_its_clients_away():
    async def main():
        async with Served() as served, served.connect() as client:
            await client.send("hi")
            await client.recv()
            await served.server.stop()
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001
            assert served.ended == [(1001, "")]

    asyncio.run(main())


def test_a_failure_of_the_application_closes_with_1011():
    async def fail(socket: Socket) -> None:
        raise ValueError(await socket.receive())

    async def main():
        async with Served(fail) as served, served.connect() as client:
            await client.send("hi")
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1011

    asyncio.run(main())


def test_the_end_of_the_application_closes_with_1000_or_what_it_says():
    async def say(socket: Socket) -> None:
        if await socket.receive() == "why":
            await socket.close(4000, "because" + "x" * 200)

    async def main():
        async with Served(say) as served:
            for sent, code, reason in (("hi", 1000, ""), ("why", 4000, "because")):
                async with served.connect() as client:
                    await client.send(sent)
                    with pytest.raises(ConnectionClosed) as closed:
                        await client.recv()
                    assert closed.value.rcvd is not None
                    assert closed.value.rcvd.code == code
                    assert closed.value.rcvd.reason.startswith(reason)

    asyncio.run(main())


def test_a_silent_client_is_pinged_and_a_dead_one_cut_off(monkeypatch):
    monkeypatch.setattr(server_module, "_SWEEP_S", 0.02)

    async def main():
        async with Served(ping_s=0.05) as served:
            async with served.connect() as client:
                await asyncio.sleep(0.3)
                await client.send("still here")
                assert await client.recv() == "still here"
            _, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(HANDSHAKE)
            await until(lambda: served.ended[1:] == [(1006, "")])
            writer.close()

    asyncio.run(main())


def test_a_client_that_does_not_read_holds_the_sender_back_and_one_that_floods_is_not_read():
    sent = []

    async def pour(socket: Socket) -> None:
        while True:
            await socket.send(b"x" * 100_000)
            sent.append(1)

    async def main():
        async with Served(pour) as served, served.connect(max_queue=1) as client:
            await client.recv()
            await asyncio.sleep(0.2)
            poured = len(sent)
            await asyncio.sleep(0.1)
            assert len(sent) == poured < 300
            client.transport.abort()
        taken = []

        async def idle(socket: Socket) -> None:
            await socket.receive()
            await asyncio.sleep(0.2)
            taken.append(len(socket._messages))
            while True:
                taken.append(len(str(await socket.receive())))

        async with Served(idle, limits=SocketLimits(queued=4)) as served, served.connect() as client:
            for _ in range(40):
                await client.send("y" * 90_000)
            await until(lambda: taken[1:] == [90_000] * 39)
            assert taken[0] < 12

    asyncio.run(main())
