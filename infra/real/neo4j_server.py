"""Neo4j 5 with APOC core, reached over Bolt without a password: it listens on loopback and lives for one test run."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emulator.services import files
from emulator.services.bolt import greet
from emulator.services.ports import LOOPBACK
from emulator.services.process import Command
from infra.real import fetch

_OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
_SETTINGS = """\
server.directories.data={folder}/data
server.bolt.enabled=true
server.bolt.listen_address={host}:{port}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size=64m
dbms.security.auth_enabled=false
dbms.security.procedures.allowlist=apoc.*
dbms.usage_report.enabled=false
"""


@dataclass(frozen=True, slots=True)
class RealNeo4j:
    """`server.Server` with its database in `<data>/neo4j`."""

    data: Path
    port: int

    @property
    def folder(self) -> Path:
        return self.data / "neo4j"

    def environment(self) -> Mapping[str, str]:
        uri = f"bolt://{LOOPBACK}:{self.port}"
        return {"NEO4J_URI": uri, "NEO4J_USER": "neo4j", "NEO4J_PASSWORD": "unused"}

    def prepare(self) -> None:
        """Write the settings and lay APOC into the plugins' folder, where procedures are looked for."""
        plugins = self.folder / "plugins"
        plugins.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write(self.folder / "neo4j.conf", _SETTINGS.format(folder=self.folder, host=LOOPBACK, port=self.port))
        for jar in fetch.jars("neo4j").glob("apoc-*.jar"):
            shutil.copy(jar, plugins / jar.name)

    def command(self) -> Command:
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
        argv = (fetch.java(), "-Xmx512m", "-XX:+UseSerialGC", *opened, "-cp", f"{fetch.jars('neo4j')}/*")
        argv += (str(fetch.HERE / "neo4j" / "Server.java"), str(self.folder), str(self.folder / "neo4j.conf"))
        return Command(argv=argv, folder=self.folder, stop=signal.SIGTERM)

    def probe(self) -> None:
        greet(LOOPBACK, self.port)

    def settle(self) -> None:
        """Its database `neo4j` is there from the beginning."""
