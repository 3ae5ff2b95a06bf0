"""Brokers for tests, started, stopped and killed at will: the embedded one, or Apache Kafka under `make test-real`."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import noida_db
from kafka import KafkaProducer

from infra.real.kafka_server import RealKafka
from tests.emulator.conftest import eventually

BINARY = Path(noida_db.__file__).parent / "noida-db"


class Broker:
    def __init__(self, data: Path) -> None:
        self._data = data
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.servers = f"127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        (self._data / "noida.control.json").unlink(missing_ok=True)
        command = [BINARY, "start", "--only", "kafka", "--kafka-port", str(self._port), "--data-dir", self._data]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(self._answers)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(number)
        self._process.wait(10)

    def forget_everything(self) -> None:
        """Come back without the log, as after an unclean stop, but far worse."""
        self.stop(signal.SIGKILL)
        shutil.rmtree(self._data)
        self.start()

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
        except OSError:
            return False
        return True

    def send(self, topic: str, values: list[str], partition: int = 0) -> None:
        producer = KafkaProducer(bootstrap_servers=self.servers, acks="all")
        for value in values:
            producer.send(topic, value.encode(), key=b"k", partition=partition, headers=[("h", b"\x01\xff")])
        producer.flush(10)
        producer.close()


class RealBroker(Broker):
    """Apache Kafka, from the cache that `make services` fills. It keeps what it acknowledged."""

    def start(self) -> None:
        server = RealKafka(self._data, self._port, Path("unused"))
        server.prepare()
        self._process = subprocess.Popen(
            server.command().argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=server.folder
        )
        eventually(self._answers, 60)


def a_broker(data: Path) -> Broker:
    """Start the embedded broker, or Apache Kafka where the real services are asked for and this one can be had."""
    if "CODEREV_TEST_SERVICES" in os.environ and shutil.which("java"):
        return RealBroker(data)
    return Broker(data)
