"""A store that takes connections and then says nothing, or nothing any more, or everything late."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Relay:
    """Passes bytes on to `target` (nowhere if it is None); what comes back waits while `silent`, else `delay_s`."""

    def __init__(self, target: tuple[str, int] | None) -> None:
        self.silent, self.delay_s = target is None, 0.0
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listener]
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)

    def close(self) -> None:
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                if self._target is not None:
                    server = socket.create_connection(self._target)
                    self._open.append(server)
                    self._start(self._pass, client, server, False)
                    self._start(self._pass, server, client, True)

    def _pass(self, source: socket.socket, sink: socket.socket, back: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if back:
                    time.sleep(self.delay_s)
                if not (back and self.silent):
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)

    def _start(self, work: object, *arguments: object) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()  # type: ignore[arg-type]


@contextmanager
def relay(target: tuple[str, int] | None = None) -> Iterator[Relay]:
    running = Relay(target)
    try:
        yield running
    finally:
        running.close()
