"""Prints how fast events reach functions from queues: `python -m tests.bench.sources`."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

from emulator.server import Emulator, Options, loop_factory
from emulator.sources.kafka_topics import ensure_topic
from tests.emulator.brokers import Broker

APPS = Path(__file__).parents[1] / "emulator" / "apps"
EVENTS, RECORDS, PARTITIONS = 5000, 200_000, 4
RECORD_BYTES = 200


async def stored_and_delivered() -> None:
    with tempfile.TemporaryDirectory() as data:
        options = Options(template=APPS / "basic" / "template.yaml", port=0, edge_port=0, data=Path(data))
        async with Emulator(options) as emulator:
            queue = emulator.sources.asynchronous
            begun = time.perf_counter()
            await asyncio.gather(*(queue.submit("echo", b'{"n": 1}') for _ in range(EVENTS)))
            stored = time.perf_counter() - begun
            while (await queue.status())["pending"]:
                await asyncio.sleep(0.01)
            delivered = time.perf_counter() - begun
    print(f"stored {EVENTS / stored:,.0f} events/s, stored and delivered {EVENTS / delivered:,.0f} events/s")


async def consumed(broker: Broker, batch_size: int) -> None:
    """Let a source catch up with a topic. The clock runs from its first look at the broker, cold start included."""
    with tempfile.TemporaryDirectory() as data:
        options = Options(
            template=APPS / "counting" / "template.yaml",
            parameters={"Brokers": broker.servers, "File": "", "BatchSize": str(batch_size)},
            port=0,
            edge_port=0,
            data=Path(data),
            kafka_bootstrap=broker.servers,
        )
        async with Emulator(options) as emulator:
            await _until(lambda: _source(emulator)["state"] == "polling")
            begun = time.perf_counter()
            await _until(lambda: _source(emulator)["records"] >= RECORDS)
            rate = RECORDS / (time.perf_counter() - begun)
    print(f"Kafka, {PARTITIONS} partitions, batches of {batch_size}: {rate:,.0f} records/s of {RECORD_BYTES} bytes")


def _source(emulator: Emulator) -> dict[str, Any]:
    return emulator.sources.mappings.status()[0]


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


def fill(broker: Broker) -> None:
    ensure_topic(broker.servers, "numbers", PARTITIONS)
    producer = KafkaProducer(bootstrap_servers=broker.servers, linger_ms=20)
    for number in range(RECORDS):
        producer.send("numbers", b"x" * RECORD_BYTES, key=b"%d" % number, partition=number % PARTITIONS)
    producer.flush(60)
    producer.close()


async def main() -> None:
    await stored_and_delivered()
    for batch_size in (100, 1000):
        with tempfile.TemporaryDirectory() as data:
            broker = Broker(Path(data))
            try:
                await asyncio.to_thread(fill, broker)
                await consumed(broker, batch_size)
            finally:
                broker.stop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(main())
