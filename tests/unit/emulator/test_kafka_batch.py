"""What a Kafka batch is, and what an answer says about it."""

from __future__ import annotations

import base64
import json

import pytest
from aws_lambda_powertools.utilities.data_classes import KafkaEvent

from emulator.sources.kafka_answer import WholeBatch, handled
from emulator.sources.kafka_batch import MAX_BATCH_BYTES, Origin, Record, event, record, take, too_large

CLUSTER = "arn:aws:kafka:us-east-1:0123456789019:cluster/SalesCluster/abcd1234-abcd-cafe-abab-9876543210ab-4"
SERVERS = "b-2.demo-cluster-1:9092,b-1.demo-cluster-1:9092"


def at(offset: int, value: bytes | None = b"v") -> Record:
    return record("t", 1, offset, 5, value=value)


BATCH = [at(10), at(11), at(13)]


def failure(partition: object, offset: object) -> bytes:
    identifier = {"partition": partition, "offset": offset}
    return json.dumps({"batchItemFailures": [{"itemIdentifier": identifier}]}).encode()


def test_the_event_of_a_self_managed_cluster_is_the_recorded_one():
    one = record(
        "mytopic",
        0,
        15,
        1545084650987,
        key=b"recordKey",
        value=b'{"key":"value"}',
        headers=[("headerKey", b"headerValue")],
    )

    assert json.loads(event([one], Origin(SERVERS))) == {
        "eventSource": "SelfManagedKafka",
        "bootstrapServers": SERVERS,
        "records": {
            "mytopic-0": [
                {
                    "topic": "mytopic",
                    "partition": 0,
                    "offset": 15,
                    "timestamp": 1545084650987,
                    "timestampType": "CREATE_TIME",
                    "key": "cmVjb3JkS2V5",
                    "value": "eyJrZXkiOiJ2YWx1ZSJ9",
                    "headers": [{"headerKey": list(b"headerValue")}],
                }
            ]
        },
    }


def test_the_event_of_a_managed_cluster_names_it():
    document = json.loads(event([at(3)], Origin(SERVERS, CLUSTER)))

    assert (document["eventSource"], document["eventSourceArn"]) == ("aws:kafka", CLUSTER)
    assert document["bootstrapServers"] == SERVERS


def test_keys_and_values_are_base64_and_absent_ones_are_left_out():
    (one,) = json.loads(event([record("t", 1, 3, 5, key=b"k", value=b"\xff")], Origin("a:1")))["records"]["t-1"]
    (none,) = json.loads(event([at(3, None)], Origin("a:1")))["records"]["t-1"]

    assert (base64.b64decode(one["value"]), base64.b64decode(one["key"])) == (b"\xff", b"k")
    assert not {"key", "value"} & none.keys()


def test_bytes_of_headers_are_signed_and_names_may_repeat():
    headers = [("name", "ë".encode()), ("name", b""), ('quo"te', None)]
    (one,) = json.loads(event([record("t", 1, 3, 5, value=b"v", headers=headers)], Origin("a:1")))["records"]["t-1"]

    assert one["headers"] == [{"name": [-61, -85]}, {"name": []}, {'quo"te': []}]


def test_powertools_reads_the_event():
    document = json.loads(
        event([record("t", 1, 3, 5, key=b"k", value=b"v", headers=[("h", b"\xc3\xab")])], Origin("a:1"))
    )
    (read,) = KafkaEvent(document).records

    assert (read.topic, read.partition, read.offset, read.timestamp) == ("t", 1, 3, 5)
    assert (read.decoded_key, read.decoded_value) == (b"k", b"v")
    assert read.decoded_headers["h"] == b"\xc3\xab"


def test_a_broker_that_stamps_records_itself_is_told_of():
    (one,) = json.loads(event([record("t", 1, 3, 5, log_append_time=True)], Origin("a:1")))["records"]["t-1"]

    assert one["timestampType"] == "LOG_APPEND_TIME"


@pytest.mark.parametrize(
    ("payload", "done"),
    [
        (b"", 3),
        (b"null", 3),
        (b"{}", 3),
        (b"[]", 3),
        (b'""', 3),
        (b'{"batchItemFailures": []}', 3),
        (b'{"batchItemFailures": null}', 3),
        (b'{"other": 1}', 3),
        (failure("t-1", 10), 0),
        (failure("t-1", 11), 1),
        (failure("t-1", 13), 2),
    ],
)
def test_the_records_before_the_first_failure_are_done(payload, done):
    assert handled(payload, BATCH) == done


def test_of_several_failures_the_first_record_counts():
    both = [{"itemIdentifier": {"partition": "t-1", "offset": offset}} for offset in (13, 11)]

    assert handled(json.dumps({"batchItemFailures": both}).encode(), BATCH) == 1


@pytest.mark.parametrize(
    "payload",
    [
        b"{broken",
        failure("t-1", 12),
        failure("t-2", 11),
        failure("t", 11),
        failure("t-1", "11"),
        failure("t-1", 11.0),
        failure("t-1", None),
        failure(None, 11),
        b'{"batchItemFailures": [{"itemIdentifier": ""}]}',
        b'{"batchItemFailures": [{"itemIdentifier": null}]}',
        b'{"batchItemFailures": [{"itemIdentifier": "t-1-11"}]}',
        b'{"batchItemFailures": [{"identifier": {"partition": "t-1", "offset": 11}}]}',
        b'{"batchItemFailures": [{}]}',
        b'{"batchItemFailures": ["t-1-11"]}',
        b'{"batchItemFailures": {"a": 1}}',
        b'{"batchItemFailures": [{"itemIdentifier": {"partition": "t-1", "offset": 11}}, {"itemIdentifier": ""}]}',
    ],
)
def test_an_answer_that_names_nothing_of_the_batch_fails_all_of_it(payload):
    with pytest.raises(WholeBatch):
        handled(payload, BATCH)


def test_a_batch_ends_at_its_size_or_at_six_megabytes():
    small = [at(each) for each in range(5)]
    large = [at(each, b"x" * 2_000_000) for each in range(5)]

    assert take(small, 3) == 3
    assert take(small, 100) == 5
    assert take(large, 100) == 2
    assert len(event(large[:2], Origin("a:1"))) < MAX_BATCH_BYTES
    assert take([at(0, b"x" * 9_000_000)], 100) == 1


def test_a_record_of_more_than_six_megabytes_as_base64_is_too_large():
    assert too_large(at(0, b"x" * 4_800_000))
    assert not too_large(at(0, b"x" * 4_600_000))
