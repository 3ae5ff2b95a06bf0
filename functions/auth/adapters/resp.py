"""The few Redis commands of this domain over RESP2 (https://redis.io/docs/latest/develop/reference/protocol-spec/).

Importing the full client takes longer than the rest of the authorizer's cold start together: 350 ms of 700.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from kernel.errors import Unavailable

Reply = str | int | None
TIMEOUT_S = 0.5
REST_S = 2.0  # after a failure nobody is kept waiting for another one


class _Refused(Exception):
    """The server answered with an error: the connection is still good."""


@dataclass(slots=True)
class Resp:
    """One connection, made when first needed and again when it broke; one command at a time."""

    url: str = field(repr=False)
    _line: tuple[socket.socket, BinaryIO] | None = None
    _rest_until: float = 0.0
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def run(self, *words: str | int) -> Reply:
        """Send one command and return its reply.

        Raises:
            Unavailable: there is no answer, or an error.
        """
        with self._turn:
            if time.monotonic() < self._rest_until:
                raise Unavailable("redis")
            try:
                return self._twice(words)
            except (OSError, ValueError, _Refused) as failed:
                self._rest_until = time.monotonic() + REST_S
                raise Unavailable("redis") from failed

    def _twice(self, words: tuple[str | int, ...]) -> Reply:
        """A connection that was kept may have died in silence: then a new one gets a chance."""
        if self._line is not None:
            try:
                return self._ask(words)
            except TimeoutError:
                raise
            except OSError:
                self._drop()
        self._line = self._connect()
        return self._ask(words)

    def _ask(self, words: tuple[str | int, ...]) -> Reply:
        assert self._line is not None, "connected before"
        link, answers = self._line
        try:
            link.sendall(_command(words))
            return _reply(answers)
        except (OSError, ValueError):
            self._drop()
            raise

    def _connect(self) -> tuple[socket.socket, BinaryIO]:
        url = urlsplit(self.url)
        if not url.hostname:
            raise ValueError("REDIS_URL names no host")
        link = socket.create_connection((url.hostname, url.port or 6379), timeout=TIMEOUT_S)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if url.scheme == "rediss":
            link = ssl.create_default_context().wrap_socket(link, server_hostname=url.hostname)
        answers = link.makefile("rb")
        if url.password:
            user = (unquote(url.username),) if url.username else ()
            link.sendall(_command(("AUTH", *user, unquote(url.password))))
            _reply(answers)
        if database := url.path.strip("/"):
            link.sendall(_command(("SELECT", database)))
            _reply(answers)
        return link, answers

    def _drop(self) -> None:
        if self._line is not None:
            self._line[1].close()
            self._line[0].close()
            self._line = None


@cache
def connected(url: str) -> Resp:
    """The connection of this process."""
    return Resp(url)


def _command(words: tuple[str | int, ...]) -> bytes:
    parts = [str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def _reply(answers: BinaryIO) -> Reply:
    line = answers.readline(4096)
    if not line.endswith(b"\r\n"):
        raise ConnectionError("the server hung up")
    kind, text = line[:1], line[1:-2].decode()
    if kind == b"$":
        return _bulk(answers, int(text))
    if kind == b":":
        return int(text)
    if kind == b"-":
        raise _Refused(text)
    if kind != b"+":
        raise ValueError("an unexpected kind of reply")
    return text


def _bulk(answers: BinaryIO, size: int) -> str | None:
    if size < 0:
        return None
    body = answers.read(size + 2)
    if len(body) != size + 2:
        raise ConnectionError("the server hung up")
    return body[:-2].decode()
