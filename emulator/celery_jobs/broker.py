"""What the emulator asks of Redis: put a message into a list that does not grow for ever. It takes no library."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

_TIMEOUT_S = 1.0
_MOST, _LEFT = 10_000, 1_000
"""A list that nobody empties is cut from so many messages to so many: its jobs are in the emulator's store."""


class BrokerAway(Exception):
    """Redis does not answer, or refuses."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where Redis is. `shown` is the URL without its password."""

    host: str
    port: int
    database: int
    user: str | None
    password: str | None = field(repr=False)
    tls: bool

    @classmethod
    def of(cls, url: str) -> Address:
        """Read a URL such as `redis://:password@host:6379/1`.

        Raises:
            ValueError: it is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("redis", "rediss") or not parts.hostname:
            raise ValueError("the broker must be a redis:// URL")
        return cls(
            host=parts.hostname,
            port=parts.port or 6379,
            database=int(parts.path.strip("/") or 0),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=parts.scheme == "rediss",
        )

    @property
    def shown(self) -> str:
        return f"redis://{self.host}:{self.port}/{self.database}"


class Broker:
    """One connection, made when it is first needed and made again when it broke."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def push(self, key: str, value: bytes) -> None:
        """Put a value at the head of a list; Redis has it once this returns.

        Raises:
            BrokerAway: it may or may not have it.
        """
        async with self._turn:
            try:
                async with asyncio.timeout(_TIMEOUT_S):
                    if self._line is None:
                        await self._connect()
                    if await self._ask(b"LPUSH", key.encode(), value) > _MOST:
                        await self._ask(b"LTRIM", key.encode(), b"0", b"%d" % (_LEFT - 1))
            except (OSError, ValueError, EOFError) as broken:
                self._drop()
                raise BrokerAway(f"{self.address.shown}: {broken or type(broken).__name__}") from broken

    async def stop(self) -> None:
        line = self._line
        self._drop()
        if line is not None:
            with contextlib.suppress(OSError):
                await line[1].wait_closed()

    async def _connect(self) -> None:
        address = self.address
        self._line = await asyncio.open_connection(address.host, address.port, ssl=True if address.tls else None)
        if address.password is not None:
            names = [address.user.encode()] if address.user else []
            await self._ask(b"AUTH", *names, address.password.encode())
        if address.database:
            await self._ask(b"SELECT", b"%d" % address.database)

    async def _ask(self, *words: bytes) -> int:
        assert self._line is not None, "the caller has connected"
        reader, writer = self._line
        writer.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words))
        await writer.drain()
        answer = await reader.readuntil(b"\r\n")
        if answer[:1] not in (b"+", b":"):
            raise ValueError(answer.decode("utf-8", "replace").strip())
        return int(answer[1:]) if answer[:1] == b":" else 0

    def _drop(self) -> None:
        if self._line is not None:
            self._line[1].close()
        self._line = None
