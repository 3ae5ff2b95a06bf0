"""The documents of AWS about records that were given up."""

from __future__ import annotations

import json

from emulator.runtime import Result
from emulator.sources.kafka_batch import Origin, event, record
from emulator.sources.kafka_failure import EXHAUSTED, TOO_LARGE, Loss, single, whole

CLUSTER = "arn:aws:kafka:us-east-1:123456789012:cluster/vpc-2priv-2pub/751d2973-a626-431c-9d4e-d7975eb44dd7-2"
NOW = 1573691886.021
RECORDS = [
    record("Topic", 0, 40, 1573691884835, key=b"k", value=b"a"),
    record("Topic", 0, 41, 1573691885580, value=b"b"),
]
FAILED = Result(b'{"errorMessage": "no"}', "Unhandled")
LOSS = Loss(RECORDS, EXHAUSTED, 3, "316aa6d0-8154-4f8e-9af7-85d5f4a6bc81", FAILED)


def test_the_document_for_queues_describes_the_batch():
    origin = Origin("b-1:9098", CLUSTER)

    assert json.loads(whole(LOSS, origin, "myfunction", now=NOW, with_payload=False)) == {
        "requestContext": {
            "requestId": "316aa6d0-8154-4f8e-9af7-85d5f4a6bc81",
            "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:myfunction",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 3,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2019-11-14T00:38:06.021Z",
        "KafkaBatchInfo": {
            "batchSize": 2,
            "eventSourceArn": CLUSTER,
            "bootstrapServers": "b-1:9098",
            "payloadSize": len(event(RECORDS, origin)),
            "recordsInfo": {
                "Topic-0": {
                    "firstRecordOffset": "40",
                    "lastRecordOffset": "41",
                    "firstRecordTimestamp": "2019-11-14T00:38:04.835Z",
                    "lastRecordTimestamp": "2019-11-14T00:38:05.580Z",
                }
            },
        },
    }


def test_the_document_for_buckets_has_the_whole_event_as_text():
    document = json.loads(whole(LOSS, Origin("b:1"), "f", now=NOW, with_payload=True))

    assert json.loads(document["payload"]) == json.loads(event(RECORDS, Origin("b:1")))
    assert "eventSourceArn" not in document["KafkaBatchInfo"]


def test_what_was_never_sent_has_no_response():
    document = json.loads(whole(Loss(RECORDS, TOO_LARGE), Origin("b:1"), "f", now=NOW, with_payload=False))

    assert document["requestContext"]["condition"] == "MaximumPayloadSizeExceeded"
    assert document["responseContext"] is None


def test_an_answer_that_named_failures_is_no_error_of_the_function():
    loss = Loss(RECORDS, EXHAUSTED, 1, "r", Result(b'{"batchItemFailures": []}'))

    assert json.loads(whole(loss, Origin("b:1"), "f", now=NOW, with_payload=False))["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": None,
    }


def test_the_document_for_topics_carries_the_record_itself():
    origin = Origin("b-1:9098", CLUSTER)
    document = json.loads(single(LOSS, RECORDS[1], origin, "my-function", now=NOW))

    assert document["requestContext"]["functionArn"].endswith(":my-function:$LATEST")
    assert document["requestContext"]["condition"] == "RetriesExhausted"
    payload = event([RECORDS[1]], origin)
    assert document["KafkaBatchInfo"] == {
        "batchSize": 1,
        "eventSourceArn": CLUSTER,
        "bootstrapServers": "b-1:9098",
        "payloadSize": len(payload),
        "recordInfo": {"offset": "41", "timestamp": "2019-11-14T00:38:05.580Z"},
    }
    assert document["payload"] == json.loads(payload)
