"""Connections to checked addresses only, with a bound on what they bring and on how long they last.

The bounds hold whatever the other end does: each read is counted, and a watch ends the connection at its time,
because a host that sends a byte now and then never meets the limit of a single read.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Timer
from typing import Any

import httpcore

from kernel.errors import TooLarge, Unavailable

CONNECT_S = 10.0


class Budget:
    """What one session may still take. `clock` counts seconds."""

    def __init__(self, most_bytes: int, most_s: float, clock: Callable[[], float]) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._clock = clock
        self._end = clock() + most_s

    @property
    def left_s(self) -> float:
        """Seconds that remain. Raises Unavailable (`host_too_slow`) if none do."""
        left = self._end - self._clock()
        if left <= 0:
            raise too_slow()
        return left

    @property
    def is_over(self) -> bool:
        return self._clock() >= self._end

    def spend(self, size_bytes: int) -> None:
        """Raises TooLarge (`answer_too_large`)."""
        self._bytes += size_bytes
        if self._bytes > self._most_bytes:
            raise TooLarge(f"the host sent more than {self._most_bytes} bytes", code="answer_too_large")


class Metered(httpcore.NetworkStream):
    """A stream that counts."""

    def __init__(self, inner: httpcore.NetworkStream, budget: Budget, watch: Watch | None = None) -> None:
        self._inner = inner
        self._budget = budget
        self._watch = watch or _watched(inner, budget)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._within(timeout))
        self._budget.spend(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._within(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, self._within(timeout))
        return Metered(secured, self._budget, self._watch)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def close(self) -> None:
        self._watch.cancel()
        self._inner.close()

    def _within(self, timeout: float | None) -> float:
        left = self._budget.left_s
        return left if timeout is None else min(timeout, left)


def _watched(stream: httpcore.NetworkStream, budget: Budget) -> Watch:
    """End the connection when the budget's time is over, whoever waits for it."""
    return Watch(stream.get_extra_info("socket").dup(), budget.left_s)


class Watch:
    """Shuts a connection down after `seconds`, through a handle of its own."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._timer = Timer(seconds, self._shut)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        self._timer.cancel()
        self._connection.close()

    def _shut(self) -> None:
        with suppress(OSError):  # it has ended by itself
            self._connection.shutdown(socket.SHUT_RDWR)


class Network(httpcore.NetworkBackend):
    """Connects to pinned addresses; a host that is not pinned cannot be reached."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._pins: dict[tuple[str, int], list[str]] = {}
        self._plain = httpcore.SyncBackend()

    def is_pinned(self, host: str, port: int) -> bool:
        return (host, port) in self._pins

    def pin(self, host: str, port: int, addresses: list[str]) -> None:
        self._pins[host, port] = addresses

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError("no address")
        for address in self._pins[host.strip("[]"), port]:
            try:
                within = min(CONNECT_S, self._budget.left_s)
                return Metered(self._plain.connect_tcp(address, port, within, local_address), self._budget)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refused:
                failed = refused
        raise failed


def too_slow() -> Unavailable:
    return Unavailable("the host took too long", code="host_too_slow")
