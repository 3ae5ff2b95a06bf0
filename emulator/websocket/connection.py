"""One client's connection, and what stands at its other end."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from emulator.web.websocket import Closed

IDLE_S, LONGEST_S = 600.0, 7200.0
"""After so long without a message, and after so long at all, API Gateway closes a connection.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""


class Client(Protocol):
    """What a connection leads to: a socket, or a test. A socket of `emulator.web.websocket` is one."""

    @property
    def closed(self) -> Closed | None:
        """Tell why the connection is closed, or None while it is open."""
        ...

    def put(self, message: str) -> None:
        """Send a message without waiting.

        Raises:
            Closed: the connection is closed.
        """
        ...

    async def drained(self) -> None:
        """Return when the client has taken what it was sent.

        Raises:
            Closed: the connection was lost before.
        """
        ...

    def end(self, code: int, reason: str = "") -> None:
        """Close the connection."""
        ...


def new_id() -> str:
    """Return an id as API Gateway makes them: 15 characters and `=`."""
    return base64.urlsafe_b64encode(secrets.token_bytes(11)).decode()


@dataclass(slots=True)
class Connection:
    """`connected_at` and `active_at` are in seconds since 1970; `client` is None until the connection stands."""

    api: str
    stage: str
    domain: str
    source_ip: str
    user_agent: str | None
    connected_at: float
    active_at: float
    id: str = field(default_factory=new_id)
    authorizer: Mapping[str, Any] | None = None
    client: Client | None = None
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def expires_at(self) -> float:
        """Return when the connection is closed if nothing happens on it."""
        return min(self.active_at + IDLE_S, self.connected_at + LONGEST_S)
