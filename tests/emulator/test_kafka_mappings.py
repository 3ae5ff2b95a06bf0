"""Mappings that the Lambda API makes while an emulator runs, against a broker."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import time

import pytest

from emulator.server import Emulator, loop_factory
from emulator.sources.kafka_topics import ensure_topic
from tests.emulator.brokers import a_broker
from tests.emulator.conftest import APPS, options


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    broker = a_broker(tmp_path_factory.mktemp("broker"))
    yield broker
    broker.stop()


def request(broker, topic, **given):
    return {
        "FunctionName": "Take",
        "Topics": [topic],
        "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": [broker.servers]}},
        "StartingPosition": "TRIM_HORIZON",
        "MaximumBatchingWindowInSeconds": 0,
        **given,
    }


def emulated(data):
    """Return an emulator without a broker of its own: only what the API makes has one."""
    return Emulator(
        options(
            data,
            template=APPS / "kafka" / "template.yaml",
            parameters={"Brokers": "127.0.0.1:1", "File": str(data / "notes.jsonl")},
        )
    )


def run(test):
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(test)


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


def open_files():
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def values(emulator):
    file = emulator.options.data / "notes.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [value for line in lines for value in json.loads(line)["values"]]


def test_a_mapping_of_the_api_works_at_once_pauses_and_comes_back_after_a_restart(broker, tmp_path):
    async def first():
        async with emulated(tmp_path) as emulator:
            mappings = emulator.sources.mappings
            id = (await mappings.create(request(broker, "made")))["UUID"]
            await until(lambda: values(emulator) == ["1", "2"])
            await until(lambda: mappings.get(id)["State"] == "Enabled")
            assert mappings.get(id)["LastProcessingResult"] == "OK"

            await mappings.disable(id)
            await until(lambda: mappings.get(id)["State"] == "Disabled")
            await asyncio.to_thread(broker.send, "made", ["3"])
            await asyncio.sleep(0.3)
            assert values(emulator) == ["1", "2"]

            await mappings.enable(id)
            await until(lambda: values(emulator) == ["1", "2", "3"])
            return id

    async def second():
        async with emulated(tmp_path) as emulator:
            mappings = emulator.sources.mappings
            await until(lambda: values(emulator) == ["1", "2", "3", "4"])
            (made,) = [each["UUID"] for each in mappings.list("Take") if each["Topics"] == ["made"]]
            await mappings.delete(made)
            await until(lambda: made not in [each["UUID"] for each in mappings.list()])

    ensure_topic(broker.servers, "made", 1)
    broker.send("made", ["1", "2"])
    run(first())
    before = open_files()
    broker.send("made", ["4"])
    run(second())
    assert open_files() == before, "a source left a socket open"


def test_each_starting_position_begins_where_it_says(broker, tmp_path):
    ensure_topic(broker.servers, "starts", 1)
    broker.send("starts", ["old"])
    time.sleep(0.01)
    moment = time.time()
    time.sleep(0.01)
    broker.send("starts", ["recent"])

    async def main():
        async with emulated(tmp_path) as emulator:
            mappings = emulator.sources.mappings
            timed = request(broker, "starts", StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=moment)
            await mappings.create(timed)
            await until(lambda: values(emulator) == ["recent"])
            newest = request(broker, "starts", FunctionName="Late", StartingPosition="LATEST")
            id = (await mappings.create(newest))["UUID"]
            await until(lambda: _shown(mappings, id).get("lag") == {"0": 0})
            await asyncio.to_thread(broker.send, "starts", ["new"])
            await until(lambda: values(emulator) in (["recent", "new", "new"],))

    run(main())


def test_without_a_broker_the_mapping_says_so(tmp_path):
    async def main():
        async with emulated(tmp_path) as emulator:
            mappings = emulator.sources.mappings
            assert mappings.list("Managed")[0]["LastProcessingResult"].startswith("PROBLEM: Connection error")
            await until(
                lambda: mappings.list("Take")[0]["LastProcessingResult"].startswith("PROBLEM: Connection error")
            )

    run(main())


def _shown(mappings, id):
    return next(each for each in mappings.status() if each["uuid"] == id)
