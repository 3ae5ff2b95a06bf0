"""ARNs, and the names of the objects that keep events which Lambda gave up."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from emulator.aws.arns import Arn, arn
from emulator.aws.clients import Aws, NoDestination
from emulator.aws.keys import async_key, key_of, mapping_key


def test_an_arn_is_taken_apart():
    found = Arn.of("arn:aws:events:us-east-1:000000000000:event-bus/orders")

    assert (found.service, found.account, found.name) == ("events", "000000000000", "orders")
    assert Arn.of("arn:aws:s3:::bucket").resource == "bucket"
    assert arn("sqs", "q") == "arn:aws:sqs:us-east-1:000000000000:q"
    with pytest.raises(ValueError, match="not an ARN"):
        Arn.of("queue")


def test_records_are_named_as_lambda_names_them():
    moment = r"1970/01/02/1970-01-02T00\.00\.01-[0-9a-f-]{36}"

    assert re.fullmatch(rf"aws/lambda/async/one/{moment}", async_key("one", 86_401.0))
    assert re.fullmatch(rf"aws/lambda/some-id/topic-0/{moment}", mapping_key("some-id", "topic-0", 86_401.0))

    record = {
        "timestamp": "1970-01-02T00:00:01.000Z",
        "requestContext": {"functionArn": "arn:aws:lambda:us-east-1:000000000000:function:one:$LATEST"},
    }
    assert re.fullmatch(rf"aws/lambda/async/one/{moment}", key_of(json.dumps(record).encode()))


def test_functions_and_topics_are_reached_without_boto3():
    sent = []

    async def keep(place: str, document: bytes) -> None:
        sent.append((place, document))

    aws = Aws(lambda: "", credentials=("", "", ""), submit=keep, to_topic=keep)
    asyncio.run(aws.put("arn:aws:lambda:us-east-1:000000000000:function:one", b"1"))
    asyncio.run(aws.put("kafka://failed", b"2"))

    assert sent == [("arn:aws:lambda:us-east-1:000000000000:function:one", b"1"), ("failed", b"2")]


@pytest.mark.parametrize("destination", ["nonsense", "arn:aws:kinesis:us-east-1:000000000000:stream/a", "kafka://t"])
def test_other_destinations_are_refused(destination):
    async def unused(_place: str, _document: bytes) -> None:
        raise AssertionError

    with pytest.raises(NoDestination):
        asyncio.run(Aws(lambda: "", credentials=("", "", ""), submit=unused).put(destination, b"{}"))
