"""Destinations in memory: functions, buses and topics get what is theirs, the rest is kept."""

from __future__ import annotations

import asyncio
import json

import pytest

from emulator.aws.clients import NoDestination
from emulator.aws.remembering import Remembering, Taken

RECORD = json.dumps(
    {"requestContext": {"condition": "Success", "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:f"}}
).encode()
ARN = "arn:aws:{}:us-east-1:000000000000:{}"


def put(destination, document=RECORD, **given):
    told = []

    async def keep(*what):
        told.append(what)

    def enqueue(*what):
        told.append(what)

    aws = Remembering(
        lambda: "http://127.0.0.1:1",
        credentials=("", "", ""),
        submit=keep,
        to_topic=keep,
        publish=keep,
        enqueue=enqueue,
    )
    asyncio.run(aws.put(destination, document, **given))
    return aws.taken, told


@pytest.mark.parametrize(("service", "name"), [("sns", "failed"), ("s3", "failed")])
def test_topics_and_buckets_are_remembered(service, name):
    taken, told = put(ARN.format(service, name), attributes={"RequestID": "1"}, key="k")

    assert taken == [Taken(ARN.format(service, name), json.loads(RECORD), {"RequestID": "1"}, "k")]
    assert told == []


def test_a_queue_gets_the_document_with_its_attributes():
    taken, told = put(ARN.format("sqs", "failed"), attributes={"RequestID": "1"})

    assert told == [(ARN.format("sqs", "failed"), RECORD, {"RequestID": "1"})]
    assert len(taken) == 1


def test_a_bus_gets_an_event():
    taken, [(entry, bus)] = put(ARN.format("events", "event-bus/orders"))

    assert (bus, entry["Source"], entry["DetailType"]) == (
        "orders",
        "lambda",
        "Lambda Function Invocation Result - Success",
    )
    assert len(taken) == 1


def test_functions_and_topics_of_kafka_get_the_document():
    assert put(ARN.format("lambda", "function:f"))[1] == [(ARN.format("lambda", "function:f"), RECORD)]
    assert put("kafka://lost", b"text")[1] == [("lost", b"text")]
    assert put("kafka://lost", b"text")[0][0].document == "text"


def test_what_is_no_destination_is_refused():
    with pytest.raises(NoDestination):
        put(ARN.format("kinesis", "stream/s"))
