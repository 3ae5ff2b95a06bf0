"""One partition's deliveries, without a broker, on a clock that is turned by hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest

from emulator.clock import ManualClock
from emulator.runtime import Result, Throttled
from emulator.sources.kafka_batch import Record, record
from emulator.sources.kafka_failure import Loss
from emulator.sources.kafka_lane import Lane
from emulator.template import KafkaMapping

DONE, FAILED = Result(b"null"), Result(b'{"errorMessage": "no"}', "Unhandled")
QUEUE = "arn:aws:sqs:us-east-1:000000000000:dead"


def partial(*offsets: int) -> Result:
    failures = [{"itemIdentifier": {"partition": "t-0", "offset": offset}} for offset in offsets]
    return Result(json.dumps({"batchItemFailures": failures}).encode())


class Place:
    """The consumer's side, and the function: keeps what it is told, answers as it was given."""

    def __init__(self, answers: Sequence[Result | Exception]) -> None:
        self.answers = list(answers)
        self.clock = ManualClock()
        self.batches: list[list[int]] = []
        self.times: list[float] = []
        self.requests: list[str] = []
        self.commits: list[int] = []
        self.flows: list[bool] = []
        self.refusals: list[Exception] = []
        self.given_up: list[Loss] = []

    def commit(self, partition: int, offset: int) -> None:
        self.commits.append(offset)

    def flow(self, partition: int, *, open: bool) -> None:
        self.flows.append(open)

    async def invoke(self, batch: Sequence[Record], request_id: str) -> Result:
        self.batches.append([each.offset for each in batch])
        self.times.append(self.clock.now())
        self.requests.append(request_id)
        answer = self.answers.pop(0) if self.answers else DONE
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def give_up(self, loss: Loss) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.given_up.append(loss)

    @property
    def lost(self) -> list[tuple[list[int], str, int]]:
        return [([each.offset for each in loss.records], loss.condition, loss.attempts) for loss in self.given_up]

    @property
    def waits(self) -> list[float]:
        return [round(later - earlier, 3) for earlier, later in zip(self.times, self.times[1:], strict=False)]

    def at(self, offset: int, age_s: float = 0.0, value: bytes = b"v") -> Record:
        return record("t", 0, offset, int((self.clock.now() - age_s) * 1000), value=value)


def deliver(place: Place, records: int | Sequence[Record], until: int, **given: object) -> Place:
    """Put records into a lane and turn the clock until everything below `until` is committed."""

    async def main() -> None:
        mapping = KafkaMapping("m", "f", "t", **{"batch_size": 3, "window_s": 0, **given})
        lane = Lane(mapping, 0, place)
        put = [place.at(offset) for offset in range(records)] if isinstance(records, int) else records
        lane.put(put, put[-1].offset + 1 if put else 9)
        for _ in range(500):
            for _ in range(20):
                await asyncio.sleep(0)
            if until in place.commits:
                break
            place.clock.advance(place.clock.next() or 0)
        assert until in place.commits
        await lane.stop()

    asyncio.run(main())
    return place


def test_full_batches_go_at_once_and_the_rest_when_the_window_closes():
    place = deliver(Place([]), 7, 7, window_s=5)

    assert place.batches == [[0, 1, 2], [3, 4, 5], [6]]
    assert place.commits == [3, 6, 7]
    assert place.waits == [0, 5]


def test_a_window_of_nothing_does_not_wait():
    assert deliver(Place([]), 4, 4, window_s=0).waits == [0]


def test_a_failed_batch_is_repeated_with_growing_waits_until_it_succeeds():
    place = deliver(Place([FAILED] * 8), 4, 4)

    assert place.batches == [[0, 1, 2]] * 9 + [[3]]
    assert place.waits[:-1] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert place.commits == [3, 4]


def test_nothing_of_a_failed_batch_is_committed():
    place = Place([FAILED, DONE])

    deliver(place, 3, 3)
    assert place.commits == [3]


def test_a_partial_failure_resumes_at_the_record_with_the_rest_of_its_batch():
    place = deliver(Place([partial(1)]), 4, 4, partial=True)

    assert place.batches == [[0, 1, 2], [1, 2], [3]]
    assert place.commits == [1, 3, 4]


def test_without_the_response_type_an_answer_changes_nothing():
    assert deliver(Place([partial(1)]), 3, 3).batches == [[0, 1, 2]]


def test_a_bad_identifier_repeats_the_whole_batch():
    place = deliver(Place([partial(7)]), 3, 3, partial=True)

    assert place.batches == [[0, 1, 2]] * 2


def test_partial_failures_of_one_batch_count_against_its_retries():
    place = deliver(Place([partial(1), partial(1), partial(2)]), 4, 4, partial=True, max_retries=2)

    assert place.batches == [[0, 1, 2], [1, 2], [1, 2], [3]]
    assert place.lost == [([2], "RetryAttemptsExhausted", 3)]
    assert place.given_up[0].result.error is None


def test_a_throttled_function_is_asked_again_without_counting_it_as_a_failure():
    place = deliver(Place([Throttled("f")] * 6), 3, 3, max_retries=0)

    assert place.waits == [0.2, 0.4, 0.8, 1.6, 3.2, 5]
    assert place.lost == []


def test_after_its_retries_a_batch_is_given_up_and_the_next_one_follows():
    place = deliver(Place([FAILED] * 3), 6, 6, max_retries=2)

    assert place.batches == [[0, 1, 2]] * 3 + [[3, 4, 5]]
    assert place.lost == [([0, 1, 2], "RetryAttemptsExhausted", 3)]
    assert place.given_up[0].request_id == place.requests[2]
    assert place.commits == [3, 6]


def test_no_retry_at_all_is_one_attempt():
    assert deliver(Place([FAILED]), 3, 3, max_retries=0).lost == [([0, 1, 2], "RetryAttemptsExhausted", 1)]


def test_endless_retries_end_after_ten_once_there_is_a_destination():
    place = deliver(Place([FAILED] * 11), 3, 3, on_failure=QUEUE)

    assert place.lost == [([0, 1, 2], "RetryAttemptsExhausted", 11)]


def test_a_destination_that_refuses_is_asked_again_without_running_the_function_again():
    place = Place([FAILED])
    place.refusals += [ConnectionError("broker is down")] * 3

    deliver(place, 3, 3, max_retries=0)
    assert len(place.batches) == 1
    assert place.commits == [3]


def test_records_that_are_too_old_are_never_sent():
    place = Place([])
    old = [place.at(0, 90), place.at(1, 61), place.at(2, 5)]

    deliver(place, old, 3, max_age_s=60)
    assert place.batches == [[2]]
    assert place.lost == [([0, 1], "RecordAgeExceeded", 0)]
    assert place.commits == [2, 3]


def test_retries_end_when_the_records_are_too_old():
    place = deliver(Place([FAILED] * 100), 3, 3, max_age_s=60)

    assert place.lost == [([0, 1, 2], "RecordAgeExceeded", 7)]


def test_a_record_that_no_invocation_takes_is_given_up():
    place = Place([])
    records = [place.at(0), place.at(1, value=b"x" * 5_000_000), place.at(2)]

    deliver(place, records, 3)
    assert place.batches == [[0], [2]]
    assert place.lost == [([1], "MaximumPayloadSizeExceeded", 0)]


def test_bisecting_finds_the_poison_record_and_counts_as_no_retry():
    place = deliver(Place([FAILED, FAILED, FAILED, FAILED]), 4, 4, bisect=True, max_retries=1)

    assert place.batches == [[0, 1, 2], [0, 1], [0], [0], [1], [2], [3]]
    assert place.lost == [([0], "RetryAttemptsExhausted", 2)]


def test_both_halves_are_tried_by_themselves():
    place = deliver(Place([FAILED, DONE, FAILED, DONE, FAILED, DONE]), 8, 8, batch_size=4, bisect=True)

    assert place.batches == [[0, 1, 2, 3], [0, 1], [2, 3], [2], [3], [3], [4, 5, 6, 7]]
    assert place.lost == []


def test_a_partial_answer_is_not_bisected():
    place = deliver(Place([partial(1)]), 3, 3, bisect=True, partial=True)

    assert place.batches == [[0, 1, 2], [1, 2]]


def test_what_filters_dropped_is_committed_too():
    assert deliver(Place([]), [], 9).commits == [9]

    place = Place([])
    deliver(place, [place.at(2), place.at(5)], 6)
    assert place.commits == [6]


def test_each_attempt_has_a_request_id_of_its_own():
    place = deliver(Place([FAILED, FAILED]), 3, 3)

    assert len(set(place.requests)) == 3


@pytest.mark.parametrize("answers", [[FAILED], []])
def test_fetching_pauses_while_much_is_waiting(answers):
    place = deliver(Place(answers), 30, 30)

    assert place.flows[0] is False
    assert place.flows[-1] is True
