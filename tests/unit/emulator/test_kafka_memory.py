"""Topics in memory: what a mapping reads, where it begins, and where it goes on."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace

import pytest

from emulator.clock import ManualClock
from emulator.runtime import Result
from emulator.sources.kafka_faults import KafkaFaults
from emulator.sources.kafka_memory import Topics
from emulator.template import KafkaMapping

MAPPING = KafkaMapping("reads", "f", "t", bootstrap="b:9092", group="g", batch_size=1, start="TRIM_HORIZON")


class Around:
    """A function that answers as it is told, and destinations that keep what they get."""

    def __init__(self, topics, *, error=None):
        self.topics, self.error, self.seen, self.puts = topics, error, [], []

    async def invoke(self, function, payload, /, *, request_id, origin):
        [records] = json.loads(payload)["records"].values()
        self.seen += [(each["partition"], base64.b64decode(each["value"]).decode()) for each in records]
        return Result(b"null" if self.error is None else b"{}", self.error)

    async def put(self, destination, document, /, *, key=None):
        self.puts.append(destination)

    async def reads(self, mapping):
        """Run a source of the mapping until the loop has nothing to do."""
        source = self.topics.source(mapping, invoke=self.invoke, put=self.put, faults=KafkaFaults())
        source.start()
        await _turns()
        return source


async def _turns():
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("start", "seen"),
    [("TRIM_HORIZON", ["old", "older", "new"]), ("LATEST", ["new"]), ("AT_TIMESTAMP", ["old", "new"])],
)
def test_a_mapping_begins_where_it_says(start, seen):
    async def main():
        clock = ManualClock(1000.0)
        around = Around(Topics(clock))
        around.topics.send("t", b"older", partition=1)
        clock.advance(60)
        around.topics.send("t", b"old")
        source = await around.reads(replace(MAPPING, start=start, start_timestamp_s=1060.0))
        around.topics.send("t", b"new")
        around.topics.send("other", b"not asked for")
        await _turns()
        await source.stop()
        assert sorted(value for _, value in around.seen) == sorted(seen)

    asyncio.run(main())


def test_a_mapping_goes_on_where_its_group_was():
    async def main():
        around = Around(Topics(ManualClock()))
        around.topics.send("t", b"first")
        await (await around.reads(MAPPING)).stop()
        around.topics.send("t", b"second")
        assert around.topics.lag("g", "t") == 1
        await (await around.reads(replace(MAPPING, start="LATEST"))).stop()
        assert [value for _, value in around.seen] == ["first", "second"]
        assert around.topics.lag("g", "t") == 0

    asyncio.run(main())


def test_what_is_given_up_goes_to_the_topic_of_the_destination_with_its_key():
    async def main():
        around = Around(Topics(ManualClock()), error="Unhandled")
        mapping = replace(MAPPING, max_retries=0, on_failure="kafka://lost")
        source = await around.reads(mapping)
        around.topics.send("t", b"bad", key=b"k", headers=[("a", b"b")])
        await _turns()
        await source.stop()
        [lost] = around.topics.records("lost")
        assert lost.key == b"k"
        assert json.loads(lost.value)["requestContext"]["condition"] == "RetriesExhausted"

    asyncio.run(main())


def test_partitions_are_read_apart():
    async def main():
        around = Around(Topics(ManualClock()))
        source = await around.reads(MAPPING)
        assert [around.topics.send("t", b"x", partition=number) for number in (0, 1, 0)] == [0, 0, 1]
        await _turns()
        assert sorted(around.seen) == [(0, "x"), (0, "x"), (1, "x")]
        assert source.state["lag_total"] == 0
        await source.stop()

    asyncio.run(main())
