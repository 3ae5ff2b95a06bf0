"""Hosts on loopback that answer as a test says, and name services that say what a test wants."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Host:
    """`requests` are the heads that arrived, one for each connection."""

    port: int
    requests: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def host(answer: Callable[[socket.socket, str], None]) -> Iterator[Host]:
    """A server; `answer` gets each connection and the head that it sent."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Host(listening.getsockname()[1])
        threads = [threading.Thread(target=_serve, args=(listening, made, answer), daemon=True)]
        threads[0].start()
        try:
            yield made
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            threads[0].join(5)


def _serve(listening: socket.socket, made: Host, answer: Callable[[socket.socket, str], None]) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection, suppress(OSError):
            connection.settimeout(5)
            head = b""
            while b"\r\n\r\n" not in head and (more := connection.recv(65536)):
                head += more
            made.requests.append(head.decode())
            answer(connection, head.decode())


def says(body: bytes, status: str = "200 OK", **headers: str) -> Callable[[socket.socket, str], None]:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return lambda connection, _: connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)


@dataclass
class Told:
    """A name service that gives its answers in turn, and the last one for ever."""

    answers: list[Sequence[str]]
    asked: list[str] = field(default_factory=list)

    def addresses(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
