"""A mapping at work without a broker: parallel partitions, filters, destinations, faults, what is shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from emulator.clock import SystemClock
from emulator.runtime import Result
from emulator.sources.kafka import KafkaSource
from emulator.sources.kafka_batch import record
from emulator.sources.kafka_faults import KafkaFaults
from emulator.sources.kafka_poller import Broker
from emulator.template import KafkaMapping

MAPPING = KafkaMapping("m", "f", "t", batch_size=1, window_s=0, uuid="11111111-2222-4333-8444-555555555555")
DONE = Result(b"null")
FAILED = Result(b'{"errorMessage": "no"}', "Unhandled")


class Around:
    """A function that counts how many events it holds at once, and the destinations."""

    def __init__(self, answer: Result) -> None:
        self.answer, self.hold_s = answer, 0.0
        self.now = self.most = 0
        self.seen: list[str] = []
        self.puts: list[tuple[str, Any, str | None]] = []
        self.writes: list[tuple[str, bytes, bytes | None]] = []

    async def invoke(self, name: str, payload: bytes, *, request_id: str, origin: str) -> Result:
        assert origin == "kafka"
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.hold_s)
        self.now -= 1
        for records in json.loads(payload)["records"].values():
            self.seen += [f"{each['partition']}:{each['offset']}" for each in records]
        return self.answer

    async def put(self, destination: str, document: bytes, *, key: str | None = None) -> None:
        self.puts.append((destination, json.loads(document), key))

    async def write(self, topic: str, value: bytes, key: bytes | None) -> None:
        self.writes.append((topic, value, key))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.sleep(0.001)


def run(
    test: Callable[[KafkaSource, Around], Awaitable[Any]],
    mapping: KafkaMapping = MAPPING,
    answer: Result = DONE,
) -> Any:
    async def main() -> Any:
        around = Around(answer)
        source = KafkaSource(
            mapping,
            Broker("127.0.0.1:1"),
            invoke=around.invoke,
            put=around.put,
            write=around.write,
            clock=SystemClock(),
        )
        try:
            return await test(source, around)
        finally:
            await source._drop(range(100))

    return asyncio.run(main())


def put(source: KafkaSource, partition: int, offsets: range, key: bytes | None = None) -> None:
    records = [record("t", partition, offset, 2**41, key=key, value=b"x") for offset in offsets]
    source.put(partition, records, offsets.stop)


@pytest.mark.parametrize(("pollers", "most"), [(1, 1), (2, 2), (None, 6)])
def test_no_more_partitions_than_pollers_are_in_the_function(pollers, most):
    async def test(source: KafkaSource, around: Around) -> int:
        around.hold_s = 0.005
        for partition in range(6):
            put(source, partition, range(3))
        await around.until(lambda: len(around.seen) == 18)
        return around.most

    assert run(test, replace(MAPPING, pollers=pollers)) == most


def test_only_what_the_filters_want_reaches_the_function_and_the_rest_is_done():
    mapping = replace(MAPPING, batch_size=10, filters=('{"value": {"kind": ["good"]}}',))
    values = [b'{"kind": "good"}', b'{"kind": "bad"}', b"text", b'{"kind": "good"}', None]
    messages = [
        SimpleNamespace(
            topic="t", partition=0, offset=at, timestamp=1, timestamp_type=0, key=None, value=value, headers=[]
        )
        for at, value in enumerate(values)
    ]

    async def test(source: KafkaSource, around: Around) -> None:
        source.fetched(0, messages)
        await around.until(lambda: len(around.seen) == 2)
        assert around.seen == ["0:0", "0:3"]
        assert source.state["filtered"] == 3
        assert source._lanes[0].position == 5

    run(test, mapping)


def test_a_queue_gets_one_document_and_a_bucket_the_event_under_lambdas_key():
    for destination in ("arn:aws:sqs:us-east-1:000000000000:dead", "arn:aws:s3:::dead"):

        async def test(source: KafkaSource, around: Around) -> tuple[str, Any, str | None]:
            put(source, 3, range(1))
            await around.until(lambda: bool(around.puts))
            return around.puts[0]

        where, document, key = run(test, replace(MAPPING, max_retries=0, on_failure=destination), FAILED)
        assert where == destination
        assert document["KafkaBatchInfo"]["recordsInfo"].keys() == {"t-3"}
        assert ("payload" in document) is (key is not None)
        assert key is None or key.startswith("aws/lambda/11111111-2222-4333-8444-555555555555/t-3/20")


def test_a_topic_gets_each_record_with_its_key():
    async def test(source: KafkaSource, around: Around) -> list[tuple[str, bytes, bytes | None]]:
        put(source, 0, range(2), key=b"k")
        await around.until(lambda: len(around.writes) == 2)
        return around.writes

    written = run(test, replace(MAPPING, batch_size=2, max_retries=0, on_failure="kafka://dead"), FAILED)
    assert [(topic, key) for topic, _, key in written] == [("dead", b"k")] * 2
    assert [json.loads(value)["KafkaBatchInfo"]["recordInfo"]["offset"] for _, value, _ in written] == ["0", "1"]


def test_a_batch_is_delivered_twice_on_demand():
    async def test(source: KafkaSource, around: Around) -> list[str]:
        source.faults.duplicate()
        put(source, 0, range(3))
        await around.until(lambda: source._lanes[0].position == 3)
        return around.seen

    assert run(test) == ["0:0", "0:0", "0:1", "0:2"]


def test_batches_of_two_partitions_change_places_on_demand():
    async def test(source: KafkaSource, around: Around) -> list[str]:
        source.faults.reorder()
        put(source, 0, range(1))
        await asyncio.sleep(0.01)
        assert around.seen == []
        put(source, 1, range(1))
        await around.until(lambda: len(around.seen) == 2)
        return around.seen

    assert run(test) == ["1:0", "0:0"]


def test_a_batch_is_late_on_demand():
    async def test(source: KafkaSource, around: Around) -> float:
        source.faults.late(0.05)
        began = asyncio.get_running_loop().time()
        put(source, 0, range(1))
        await around.until(lambda: bool(around.seen))
        return asyncio.get_running_loop().time() - began

    assert run(test) >= 0.05


def test_a_poison_record_is_written_into_the_topic_on_demand():
    async def test(source: KafkaSource, around: Around) -> None:
        source.faults.poison(b"\x00")
        put(source, 0, range(2))
        await around.until(lambda: source._lanes[0].position == 2)
        assert around.writes == [("t", b"\x00", None)]

    run(test)


def test_faults_end_by_themselves_and_can_be_taken_back():
    now = [0.0]
    faults = KafkaFaults(lambda: now[0])
    faults.lose_broker(5)
    faults.duplicate(2)

    assert (faults.state["duplicates"], faults.broker_lost_s) == (2, 5)
    now[0] = 6
    assert faults.broker_lost_s == 0
    faults.clear()
    assert not faults.take_duplicate()
    assert not any(faults.state.values())


def test_lag_blocked_partitions_and_the_last_batch_are_shown():
    async def test(source: KafkaSource, around: Around) -> None:
        assert source.result == "No records processed"
        source._poller.ends = {0: 10, 1: 4}
        source._poller.starts = {0: 0, 1: 4}
        put(source, 0, range(3))
        await around.until(lambda: source.state["blocked"] == [0])
        shown = source.state
        assert (shown["lag"], shown["lag_total"]) == ({"0": 10, "1": 0}, 10)
        assert (shown["retries"], shown["failed_batches"]) == ({"0": 1}, 1)
        assert (shown["last_batch"]["place"], shown["last_batch"]["last_offset"]) == ("t-0", 0)
        assert source.result == "PROBLEM: Function call failed"
        around.answer = Result(b"null")
        await around.until(lambda: source.state["lag_total"] == 7)
        assert source.state["records"] == 3
        assert source.state["records_per_s"] > 0
        assert source.result == "OK"

    run(test, answer=FAILED)
