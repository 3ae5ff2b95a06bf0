"""One partition's deliveries, without a broker."""

from __future__ import annotations

import asyncio
import json

import pytest

from emulator.runtime import Result, Throttled
from emulator.sources import kafka_lane
from emulator.sources.kafka_batch import Record
from emulator.sources.kafka_lane import Lane
from emulator.template import KafkaMapping

DONE, FAILED = Result(b"null"), Result(b'{"errorMessage": "no"}', "Unhandled")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(kafka_lane, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(kafka_lane, "THROTTLED_S", 0.001)


class Place:
    """The consumer's side, and the function: keeps what it is told, answers as it was given."""

    def __init__(self, answers: list[Result | Exception]) -> None:
        self.answers = answers
        self.batches: list[list[int]] = []
        self.commits: list[int] = []
        self.flows: list[bool] = []
        self.refusals: list[Exception] = []
        self.given_up: list[tuple[list[int], str]] = []

    def commit(self, offset: int) -> None:
        self.commits.append(offset)

    def flow(self, open: bool) -> None:
        self.flows.append(open)

    async def invoke(self, name: str, payload: bytes) -> Result:
        (records,) = json.loads(payload)["records"].values()
        self.batches.append([record["offset"] for record in records])
        answer = self.answers.pop(0) if self.answers else DONE
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def give_up(self, records: list[Record], condition: str) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.given_up.append(([record.offset for record in records], condition))


def deliver(place: Place, count: int, until: int, **given: object) -> Place:
    """Put `count` records into a lane and wait until everything below `until` is committed."""

    async def main() -> None:
        mapping = KafkaMapping("m", "f", "t", **{"batch_size": 3, "window_s": 0.01, **given})
        lane = Lane(mapping, "b:1", position=place, invoke=place.invoke, give_up=place.give_up)
        lane.put([Record("t", 0, offset, 0, False, None, b"v") for offset in range(count)])
        async with asyncio.timeout(5):
            while until not in place.commits:
                await asyncio.sleep(0.001)
        await lane.stop()

    asyncio.run(main())
    return place


def test_full_batches_go_at_once_and_the_rest_when_the_window_closes():
    place = deliver(Place([]), 7, 7)

    assert place.batches == [[0, 1, 2], [3, 4, 5], [6]]
    assert place.commits == [3, 6, 7]


def test_a_failed_batch_is_repeated_until_it_succeeds():
    place = deliver(Place([FAILED, FAILED]), 3, 3)

    assert place.batches == [[0, 1, 2]] * 3
    assert place.commits == [3]


def test_a_partial_failure_resumes_at_the_record():
    failure = {"batchItemFailures": [{"itemIdentifier": {"partition": "t-0", "offset": 1}}]}
    place = deliver(Place([Result(json.dumps(failure).encode())]), 4, 4, partial=True)

    assert place.batches == [[0, 1, 2], [1, 2, 3]]
    assert place.commits == [1, 4]


def test_a_throttled_function_is_asked_again_without_counting_it_as_a_failure():
    place = deliver(Place([Throttled("f")] * 5), 3, 3, max_retries=0)

    assert place.commits == [3]
    assert place.given_up == []


def test_after_its_retries_a_batch_is_given_up_and_the_next_one_follows():
    place = deliver(Place([FAILED] * 3), 6, 6, max_retries=2)

    assert place.given_up == [([0, 1, 2], "RetryAttemptsExhausted")]
    assert place.commits == [3, 6]


def test_a_destination_that_refuses_is_asked_again():
    place = Place([FAILED] * 4)
    place.refusals.append(ConnectionError("broker is down"))

    assert deliver(place, 3, 3, max_retries=0).given_up == [([0, 1, 2], "RetryAttemptsExhausted")]


def test_records_that_are_too_old_are_given_up():
    place = deliver(Place([FAILED]), 3, 3, max_age_s=60)

    assert place.given_up == [([0, 1, 2], "MaximumRecordAgeExceeded")]


def test_bisecting_finds_the_poison_record():
    place = deliver(Place([FAILED, FAILED, FAILED]), 3, 3, bisect=True, max_retries=1)

    assert [sorted(batch) for batch in place.batches[:3]] == [[0, 1, 2], [0, 1], [0]]
    assert place.given_up == [([0], "RetryAttemptsExhausted")]


def test_fetching_pauses_while_much_is_waiting():
    place = deliver(Place([FAILED]), 30, 30)

    assert place.flows[0] is False
    assert place.flows[-1] is True
