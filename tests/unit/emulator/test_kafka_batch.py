"""What a Kafka batch is, and what an answer says about it."""

from __future__ import annotations

import base64
import json

import pytest

from emulator.sources.kafka_batch import Record, WholeBatch, event, handled, take


def record(offset: int, value: bytes | None = b"v", **given: object) -> Record:
    defaults = {"topic": "t", "partition": 1, "timestamp_ms": 5, "log_append_time": False, "key": None}
    return Record(offset=offset, value=value, **{**defaults, **given})


BATCH = [record(10), record(11), record(13)]


def failure(partition: object, offset: object) -> bytes:
    identifier = {"partition": partition, "offset": offset}
    return json.dumps({"batchItemFailures": [{"itemIdentifier": identifier}]}).encode()


def test_keys_and_values_are_base64_and_absent_ones_are_left_out():
    (one,) = json.loads(event([record(3, b"\xff", key=b"k")], "a:1,b:2"))["records"]["t-1"]
    (none,) = json.loads(event([record(3, None)], "a:1"))["records"]["t-1"]

    assert (base64.b64decode(one["value"]), base64.b64decode(one["key"])) == (b"\xff", b"k")
    assert not {"key", "value"} & none.keys()


@pytest.mark.parametrize(
    ("payload", "done"),
    [
        (b"", 3),
        (b"null", 3),
        (b"{}", 3),
        (b'{"batchItemFailures": []}', 3),
        (b'{"batchItemFailures": null}', 3),
        (b'"text"', 3),
        (failure("t-1", 10), 0),
        (failure("t-1", 11), 1),
        (failure("t-1", 13), 2),
    ],
)
def test_the_records_before_the_first_failure_are_done(payload, done):
    assert handled(payload, BATCH) == done


@pytest.mark.parametrize(
    "payload",
    [
        b"{broken",
        failure("t-1", 12),
        failure("t-2", 11),
        failure("t-1", "11"),
        failure("t-1", None),
        b'{"batchItemFailures": [{"itemIdentifier": ""}]}',
        b'{"batchItemFailures": [{"itemIdentifier": "t-1-11"}]}',
        b'{"batchItemFailures": [{}]}',
        b'{"batchItemFailures": {"a": 1}}',
    ],
)
def test_an_answer_that_names_nothing_of_the_batch_fails_all_of_it(payload):
    with pytest.raises(WholeBatch):
        handled(payload, BATCH)


def test_a_batch_ends_at_its_size_or_at_six_megabytes():
    small = [record(each) for each in range(5)]
    large = [record(each, b"x" * 2_000_000) for each in range(5)]

    assert take(small, 3) == 3
    assert take(small, 100) == 5
    assert take(large, 100) == 2
    assert take([record(0, b"x" * 9_000_000)], 100) == 1
