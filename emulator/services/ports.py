"""Which port each service listens on: the usual one, or a free one that is remembered."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from pathlib import Path

from emulator.services import files

DEFAULTS: Mapping[str, int] = {
    "postgres": 5432,
    "valkey": 6379,
    "graph": 7687,
    "objects": 9000,
    "kafka": 9092,
    "inference": 8100,
}
LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether a server could listen on `port` of `host` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def any_free(host: str = LOOPBACK) -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class Ports:
    """The choice for one data folder; a port is remembered for as long as the same one is asked for."""

    def __init__(self, path: Path, wanted: Mapping[str, int | None]) -> None:
        self._path = path
        self._wanted = wanted
        self._chosen: dict[str, dict[str, int | None]] = files.read_json(path)
        self._lock = threading.Lock()

    def expected(self, service: str) -> int | None:
        """The port that was asked for; None when any would do."""
        return self._wanted.get(service, DEFAULTS[service])

    def choose(self, service: str) -> int:
        """Return the port used last, else the one asked for, else any: the first of them that is free."""
        wanted = self.expected(service)
        last = self._chosen.get(service, {})
        kept = last.get("port") if last.get("wanted") == wanted else None
        taken = {entry["port"] for name, entry in self._chosen.items() if name != service}
        for port in (kept, wanted):
            if port and port not in taken and is_free(port):
                return self._remember(service, port)
        return self.move(service)

    def move(self, service: str) -> int:
        """Return another port, because the chosen one was taken meanwhile."""
        return self._remember(service, any_free())

    def _remember(self, service: str, port: int) -> int:
        with self._lock:
            self._chosen[service] = {"wanted": self.expected(service), "port": port}
            files.write(self._path, json.dumps(self._chosen), mode=0o644)
        return port
