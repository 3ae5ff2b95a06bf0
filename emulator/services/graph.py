"""ArcadeDB, which speaks Neo4j's Bolt protocol and Cypher, in a process of its own."""

from __future__ import annotations

import importlib.util
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emulator.services import files
from emulator.services.bolt import greet
from emulator.services.errors import ServiceMissing
from emulator.services.ports import LOOPBACK
from emulator.services.process import Command, python

USER = "root"
_LIMITS = "-Xmx1g"  # else half of the machine's memory


@dataclass(frozen=True, slots=True)
class Graph:
    """`server.Server` with its database `neo4j` in `<data>/graph`."""

    data: Path
    port: int
    password: str

    @property
    def folder(self) -> Path:
        return self.data / "graph"

    def environment(self) -> Mapping[str, str]:
        uri = f"bolt://{LOOPBACK}:{self.port}"
        return {"NEO4J_URI": uri, "NEO4J_USER": USER, "NEO4J_PASSWORD": self.password}

    def prepare(self) -> None:
        if importlib.util.find_spec("arcadedb") is None:
            raise ServiceMissing("graph database", "NEO4J_URI")
        self.folder.mkdir(mode=0o700, exist_ok=True)
        files.write(self.folder / "password", self.password)

    def command(self) -> Command:
        argv = (*python("emulator.services.graph_server"), str(self.folder), str(self.port))
        limits = {"ARCADEDB_NATIVE_ISOLATE_ARGS": _LIMITS}
        return Command(argv=argv, folder=self.folder, environment=limits, stop=signal.SIGTERM)

    def probe(self) -> None:
        greet(LOOPBACK, self.port)

    def settle(self) -> None:
        """The child creates its database before it listens."""
