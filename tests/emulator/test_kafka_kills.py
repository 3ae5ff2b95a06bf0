"""Nothing is lost or out of order when the function, the broker or the emulator is killed, again and again.

The embedded broker may forget what it acknowledged in its last second. So, as an outbox does, the producer sends again
what it sent shortly before, in order, and the function keeps an inbox: each value counts once, where it came first. Apache Kafka forgets nothing, so there only what
was not acknowledged is sent again.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError

from emulator.sources.kafka_topics import ensure_topic
from infra.real.fetch import Missing
from tests.emulator.brokers import Broker, RealBroker
from tests.emulator.conftest import APPS, eventually

ROUNDS, PARTITIONS, KEYS = 20, 4, 12
BATCH, PAUSE_S = 60, 0.02
AGAIN_S = 4.0
"""How far back the outbox goes: more than the second that the broker may lose."""
SEED = int(os.environ.get("SEED", "20261123"))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class Outbox(threading.Thread):
    """Sends numbered values without end, in order, each number to the partition of its key."""

    def __init__(self, servers: str) -> None:
        super().__init__(name="outbox", daemon=True)
        self._servers = servers
        self._sent = [(0.0, 0)]
        self._stopping = threading.Event()
        self.next = 0
        self.sending = threading.Lock()
        self.again = threading.Event()
        self.resent = 0

    def stop(self) -> int:
        """Stop, and return how many values there are."""
        self._stopping.set()
        self.join(30)
        return self.next

    def run(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(KafkaError, OSError):
                self._send_all()
            self.again.set()
            time.sleep(0.1)

    def _send_all(self) -> None:
        producer = KafkaProducer(
            bootstrap_servers=self._servers,
            acks="all",
            retries=0,
            bootstrap_timeout_ms=1000,
            delivery_timeout_ms=1000,
            request_timeout_ms=800,
            linger_ms=0,
            max_in_flight_requests_per_connection=1,
            enable_idempotence=False,
        )
        try:
            while not self._stopping.is_set():
                with self.sending:
                    if self.again.is_set():
                        self.again.clear()
                        self._rewind()
                    self.send(producer, range(self.next, self.next + BATCH))
                self.next += BATCH
                self._sent.append((time.monotonic(), self.next))
                time.sleep(PAUSE_S)
        finally:
            producer.close(1)

    def _rewind(self) -> None:
        """Go back to before what the broker may have lost."""
        since = time.monotonic() - AGAIN_S
        back = max(number for at, number in self._sent if at <= since or number == 0)
        self.resent += self.next - back
        self.next = back

    @staticmethod
    def send(producer: KafkaProducer, numbers: range) -> None:
        for sent in [_send(producer, number) for number in numbers]:
            sent.get(2)


def _send(producer: KafkaProducer, number: int):
    key = number % KEYS
    return producer.send("numbers", f"{key}:{number}".encode(), key=b"%d" % key, partition=key % PARTITIONS)


class Emulated:
    """The emulator as a process of its own."""

    def __init__(self, data: Path, servers: str) -> None:
        self.inbox = data / "inbox.sqlite"
        self._command = [
            sys.executable, "-m", "emulator", "--template", str(APPS / "counting" / "template.yaml"),
            "--parameter", f"Brokers={servers}", "--parameter", f"File={self.inbox}",
            "up", "--port", "0", "--edge-port", "0", "--data", str(data), "--kafka", servers,
        ]  # fmt: skip
        self._log = (data / "emulator.log").open("ab")
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=self._log, stderr=self._log)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        self._process.send_signal(number)
        self._process.wait(20)

    def close(self) -> None:
        self.kill(signal.SIGTERM)
        self._log.close()

    def kill_function(self) -> None:
        """Kill each process of the function, in whatever it is doing."""
        for child in _children(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def rows(self, query: str) -> list[tuple]:
        if not self.inbox.exists():
            return []
        with contextlib.closing(sqlite3.connect(self.inbox, timeout=20)) as database:
            try:
                return database.execute(query).fetchall()
            except sqlite3.OperationalError:
                return []

    def count(self) -> int:
        return (self.rows("select count(*) from inbox") or [(0,)])[0][0]


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, rest = int(stat.parent.name), stat.read_text().rpartition(")")[2].split()
            if int(rest[1]) == parent:
                found.append(pid)
    return found


@pytest.mark.parametrize("kind", [Broker, pytest.param(RealBroker, marks=pytest.mark.real)])
def test_twenty_kills_lose_nothing_and_keep_the_order_of_each_key(kind, tmp_path):
    chance = random.Random(SEED)
    data = tmp_path / "broker"
    data.mkdir()
    try:
        broker = kind(data)
    except Missing as reason:
        pytest.skip(str(reason))
    ensure_topic(broker.servers, "numbers", PARTITIONS)
    outbox, emulator = Outbox(broker.servers), Emulated(tmp_path, broker.servers)
    outbox.start()
    killed: Counter[str] = Counter()
    try:
        eventually(lambda: emulator.count() > 0, 30)
        for _ in range(ROUNDS):
            victim = chance.choice(("function", "function", "broker", "emulator", "broker and emulator"))
            killed[victim] += 1
            _kill(victim, broker, emulator, outbox)
            _goes_on(emulator, chance)
        total, began = _drain(outbox, broker, emulator)
        took = time.monotonic() - began
    finally:
        outbox.stop()
        emulator.close()
        broker.stop()
    _check(
        emulator, total, rollbacks=0 if kind is RealBroker else sum(killed[each] for each in killed if "broker" in each)
    )
    (repeats,) = emulator.rows("select sum(repeats) from inbox")[0]
    print(f"{kind.__name__}, seed {SEED}: {dict(killed)}; {total} values, lost 0, {repeats} repeated, {outbox.resent} sent again; "
          f"drained in {took:.1f} s")  # fmt: skip


def _kill(victim: str, broker: Broker, emulator: Emulated, outbox: Outbox) -> None:
    if victim == "function":
        emulator.kill_function()
    if "broker" in victim:
        broker.stop(signal.SIGKILL)
    if "emulator" in victim:
        emulator.kill()
        emulator.start()
    if "broker" in victim:
        with outbox.sending:  # what was on its way has failed, so nothing overtakes what is sent again
            if not isinstance(broker, RealBroker):
                outbox.again.set()
            broker.start()


def _goes_on(emulator: Emulated, chance: random.Random) -> None:
    """Wait until the function takes new values, and then for some random time."""
    before = emulator.count()
    eventually(lambda: emulator.count() > before, 60)
    time.sleep(chance.uniform(0.1, 1.0))


def _drain(outbox: Outbox, broker: Broker, emulator: Emulated) -> tuple[int, float]:
    """Stop producing, send once more what the broker may have lost, and wait until all has arrived."""
    began, total = time.monotonic(), outbox.stop()
    producer = KafkaProducer(bootstrap_servers=broker.servers, acks="all")
    for start in range(max(0, total - 4000) // BATCH * BATCH, total, BATCH):
        Outbox.send(producer, range(start, min(start + BATCH, total)))
    producer.close()
    with contextlib.suppress(AssertionError):
        eventually(lambda: emulator.count() >= total, 40)
    return total, began


def _check(emulator: Emulated, total: int, *, rollbacks: int) -> None:
    """Nothing is lost, and each key is in order. A broker that forgets its last second may hide records from us that
    arrive with the next sending: so often, and no oftener, may a key step back."""
    arrived = [value.split(":") for (value,) in emulator.rows("select value from inbox order by at")]
    numbers = {int(number) for _, number in arrived}
    assert numbers >= set(range(total)), f"lost: {sorted(set(range(total)) - numbers)[:20]}"
    for key in range(KEYS):
        order = [int(number) for found, number in arrived if int(found) == key]
        back = sum(later < earlier for earlier, later in itertools.pairwise(order))
        assert back <= rollbacks, f"key {key} is out of order {back} times"
