"""All connections, and the stages that they belong to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import unquote

from emulator.clock import Clock
from emulator.web.websocket import GOING_AWAY
from emulator.websocket.connection import Client, Connection
from emulator.websocket.stage import Stage

AT_ONCE = 500
"""How many messages of all connections are in functions at the same time: half of what an account's functions run."""
_EXPIRED = "Going away"


class Hub:
    """Finds stages by path and connections by id; closes connections that are idle or old.

    `calls` bounds the messages in functions, `lines` counts the connections whose `$disconnect` has not ended yet.
    """

    def __init__(self, stages: Iterable[Stage], clock: Clock) -> None:
        self.stages = tuple(stages)
        self._clock = clock
        self._connections: dict[str, Connection] = {}
        self.calls = asyncio.Semaphore(AT_ONCE)
        self.lines = 0
        self.stopping = False

    def matching(self, path: str) -> list[Stage]:
        """Return the stages that a path names: `/stage` or `/api/stage`; `/` names all."""
        wanted = [unquote(part) for part in path.split("/") if part]
        return [stage for stage in self.stages if [stage.api.name, stage.stage.name][-len(wanted) or 2 :] == wanted]

    def at(self, path: str) -> Stage | None:
        """Return the one stage that a path names."""
        found = self.matching(path)
        return found[0] if len(found) == 1 else None

    def find(self, path: str, connection_id: str) -> Connection | None:
        """Return a connection of the stages that a path names."""
        found = self._connections.get(connection_id)
        if found is None or all(_key(found) != stage.name for stage in self.matching(path)):
            return None
        return found

    def now(self) -> float:
        return self._clock.now()

    def heard(self, connection: Connection) -> None:
        """Take note of a sign of life."""
        connection.active_at = self._clock.now()

    def stand(self, connection: Connection, client: Client) -> None:
        """Count a connection that stands from now on."""
        connection.client = client
        self._connections[connection.id] = connection

    def end_all(self) -> None:
        """Send every client away, and let no other in."""
        self.stopping = True
        for connection in list(self._connections.values()):
            if connection.client is not None:
                connection.client.end(GOING_AWAY)

    def forget(self, connection: Connection) -> None:
        self._connections.pop(connection.id, None)

    def all(self) -> list[Connection]:
        """Return the connections that stand, oldest first."""
        return list(self._connections.values())

    def status(self) -> dict[str, int]:
        """Return how many connections each stage has."""
        counts = {stage.name: 0 for stage in self.stages}
        for connection in self._connections.values():
            counts[_key(connection)] += 1
        return counts

    async def expire(self, connection: Connection, client: Client) -> None:
        """Close a connection when its time has come."""
        while (left := connection.expires_at - self._clock.now()) > 0:
            await self._clock.sleep(left)
        client.end(GOING_AWAY, _EXPIRED)


def _key(connection: Connection) -> str:
    return f"{connection.api}/{connection.stage}"
