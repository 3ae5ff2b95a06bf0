"""A broker that speaks the Kafka protocol, from the binary of a wheel.

It keeps everything in memory and writes a snapshot about once a second, so a kill may lose the last second of
acknowledged records; `Services.unclean` tells the relay to send those again.
"""

from __future__ import annotations

import importlib.util
import signal
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emulator.services import topics
from emulator.services.errors import NotReady, ServiceMissing
from emulator.services.ports import LOOPBACK
from emulator.services.process import Command

RETENTION_BYTES = 16 << 20  # of a partition: all of it is in memory and in each snapshot (`kafka_trim` keeps it low)
_API_VERSIONS, _CORRELATION = 18, 7


def installed() -> Path:
    """Return the broker's binary.

    Raises:
        ServiceMissing: there is no wheel for this platform.
    """
    spec = importlib.util.find_spec("noida_db")
    for place in spec.submodule_search_locations or [] if spec else []:
        if (Path(place) / "noida-db").is_file():
            return Path(place) / "noida-db"
    raise ServiceMissing("Kafka broker", "KAFKA_BOOTSTRAP_SERVERS")


@dataclass(frozen=True, slots=True)
class Kafka:
    """`server.Server` with its snapshot in `<data>/kafka`."""

    data: Path
    port: int
    topics: Path

    @property
    def folder(self) -> Path:
        return self.data / "kafka"

    @property
    def bootstrap(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def environment(self) -> Mapping[str, str]:
        return {"KAFKA_BOOTSTRAP_SERVERS": self.bootstrap}

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        (self.folder / "noida.control.json").unlink(missing_ok=True)  # it names a server that is gone

    def command(self) -> Command:
        binary = installed()
        binary.chmod(0o755)  # wheels drop the bit
        where = ("--data-dir", str(self.folder), "--host", LOOPBACK, "--kafka-port", str(self.port))
        argv = (str(binary), "start", "--only", "kafka", *where)
        return Command(argv=argv, folder=self.folder, stop=signal.SIGTERM)

    def probe(self) -> None:
        """Ask which versions of the protocol it speaks."""
        request = struct.pack(">hhih", _API_VERSIONS, 0, _CORRELATION, -1)
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as line:
                line.sendall(struct.pack(">i", len(request)) + request)
                answer = line.recv(8)
        except OSError as refused:
            raise NotReady(str(refused)) from refused
        if len(answer) < 8 or struct.unpack(">ii", answer)[1] != _CORRELATION:
            raise NotReady("it does not answer in the protocol yet")

    def settle(self) -> None:
        topics.ensure_topics(self.bootstrap, self.topics, retention_bytes=RETENTION_BYTES)
