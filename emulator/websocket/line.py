"""The life of one connection: its messages, each in a task of its own, and its end."""

from __future__ import annotations

import asyncio
from typing import Protocol

from emulator.web.websocket import Closed
from emulator.websocket.connection import Client, Connection
from emulator.websocket.hub import Hub
from emulator.websocket.stage import Stage

AT_ONCE = 16
"""How many messages of one connection are in functions at the same time. API Gateway keeps no order among them."""
_BINARY, _BINARY_REFUSED = 1003, "binary messages are not supported"


class Talking(Client, Protocol):
    """A client that messages come from."""

    async def receive(self) -> str | bytes:
        """Return the next message.

        Raises:
            Closed: there will be none.
        """
        ...


async def serve(hub: Hub, stage: Stage, connection: Connection, client: Talking) -> None:
    """Serve a connection until it ends. `$disconnect` is told once, however it ended."""
    hub.stand(connection, client)
    hub.lines += 1
    try:
        async with asyncio.TaskGroup() as group:
            expiry = group.create_task(hub.expire(connection, client))
            ended = await _messages(hub, stage, connection, client, group=group)
            expiry.cancel()
            hub.forget(connection)
            await stage.ended(connection, ended.code, ended.reason)
    finally:
        hub.forget(connection)
        hub.lines -= 1


async def _messages(
    hub: Hub, stage: Stage, connection: Connection, client: Talking, *, group: asyncio.TaskGroup
) -> Closed:
    """Hand on messages until the connection is closed; return how it was."""
    slots = asyncio.Semaphore(AT_ONCE)
    while True:
        try:
            message = await client.receive()
        except Closed as closed:
            return closed
        if isinstance(message, bytes):
            client.end(_BINARY, _BINARY_REFUSED)
            continue
        hub.heard(connection)
        await slots.acquire()
        task = group.create_task(_answer(hub, stage, connection, client, message))
        task.add_done_callback(lambda _: slots.release())


async def _answer(hub: Hub, stage: Stage, connection: Connection, client: Talking, message: str) -> None:
    async with hub.calls:
        frame = await stage.message(connection, message)
    if frame is not None and client.closed is None:
        async with connection.sending:
            await push(connection, client, frame)


async def push(connection: Connection, client: Client, frame: str) -> None:
    """Send a frame once the client has taken those before; one to a client that went away is lost."""
    try:
        await client.drained()
        client.put(frame)
    except Closed:
        return
