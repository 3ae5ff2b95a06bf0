"""Apache Kafka as one KRaft node that is broker and controller."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emulator.services import files, ports, topics
from emulator.services.errors import StartFailed
from emulator.services.kafka import Kafka
from emulator.services.ports import LOOPBACK
from emulator.services.process import Command
from infra.real import fetch

_CLUSTER = "coderev-real-cluster00"
_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/log
num.partitions=4
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
"""


@dataclass(frozen=True, slots=True)
class RealKafka:
    """`server.Server` with its log in `<data>/kafka`."""

    data: Path
    port: int
    topics: Path
    controller: int = field(default_factory=ports.any_free)

    @property
    def folder(self) -> Path:
        return self.data / "kafka"

    def environment(self) -> Mapping[str, str]:
        return {"KAFKA_BOOTSTRAP_SERVERS": f"{LOOPBACK}:{self.port}"}

    def prepare(self) -> None:
        """Write the settings and format the log; a formatted one is left as it is."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = _SETTINGS.format(host=LOOPBACK, port=self.port, controller=self.controller, folder=self.folder)
        files.write(self.folder / "server.properties", settings)
        format_log = ("kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", _CLUSTER, "-c")
        done = subprocess.run(
            (*self._java(), *format_log, str(self.folder / "server.properties")),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise StartFailed(f"Kafka: its log could not be formatted: {done.stderr.strip()[-300:]}")

    def command(self) -> Command:
        argv = (*self._java(), "kafka.Kafka", str(self.folder / "server.properties"))
        return Command(argv=argv, folder=self.folder, stop=signal.SIGTERM)

    def probe(self) -> None:
        Kafka(self.data, self.port, self.topics).probe()

    def settle(self) -> None:
        topics.ensure_topics(f"{LOOPBACK}:{self.port}", self.topics)

    @staticmethod
    def _java() -> tuple[str, ...]:
        return (fetch.java(), "-Xmx512m", "-XX:+UseSerialGC", "-cp", f"{fetch.jars('kafka')}/*")
