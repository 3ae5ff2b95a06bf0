"""A mapping's pollers bound how many partitions are in the function at once, without a broker."""

from __future__ import annotations

import asyncio

import pytest

from emulator.clock import SystemClock
from emulator.runtime import Result
from emulator.sources.kafka import KafkaSource
from emulator.sources.kafka_batch import Record
from emulator.template import KafkaMapping


class Function:
    """Counts how many events it holds at once."""

    def __init__(self) -> None:
        self.now = self.most = self.done = 0

    async def invoke(self, name: str, payload: bytes) -> Result:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.005)
        self.now -= 1
        self.done += 1
        return Result(b"null")


async def nowhere(destination: str, document: bytes) -> None:
    raise AssertionError(f"{destination}: nothing failed")


async def deliver(pollers: int | None, partitions: int) -> Function:
    function = Function()
    mapping = KafkaMapping("m", "f", "t", batch_size=1, pollers=pollers)
    source = KafkaSource(
        mapping, "127.0.0.1:1", partitions=partitions, invoke=function.invoke, to=nowhere, clock=SystemClock()
    )
    for number in range(partitions):
        source.records(number, [Record("t", number, offset, 0, False, None, b"x") for offset in range(3)])
    while function.done < 3 * partitions:
        await asyncio.sleep(0.001)
    await source._drop(range(partitions))
    return function


@pytest.mark.parametrize(("pollers", "most"), [(1, 1), (2, 2), (None, 6)])
def test_no_more_partitions_than_pollers_are_in_the_function(pollers, most):
    assert asyncio.run(deliver(pollers, 6)).most == most
