"""A queue as an event source: the event, the filters, the answers, and what the template may say."""

from __future__ import annotations

import asyncio
import json

import pytest

from emulator.clock import ManualClock
from emulator.runtime import Result, Throttled
from emulator.sources.sqs import SqsSource
from emulator.sources.sqs_event import Wanted, failed_in, record_of
from emulator.template.sqs_model import SqsMapping
from tests.unit.emulator.test_template import FUNCTION, read, refusal

ARN = "arn:aws:sqs:us-east-1:000000000000:q"
ATTRIBUTES = {"ApproximateReceiveCount": "1", "SentTimestamp": "1", "SenderId": "A", "ApproximateFirstReceiveTimestamp": "2"}  # fmt: skip


def message(number=1, body="{}", **more):
    given = {"MessageId": f"m{number}", "ReceiptHandle": f"h{number}", "MD5OfBody": "x", "Body": body}
    return given | {"Attributes": ATTRIBUTES} | more


def test_a_record_is_what_lambda_sends():
    attributes = {
        "text": {"StringValue": "a", "DataType": "String"},
        "bytes": {"BinaryValue": b"\x00\xff", "DataType": "Binary"},
    }

    record = record_of(message(body="hi", MessageAttributes=attributes, MD5OfMessageAttributes="y"), ARN)

    assert record == {
        "messageId": "m1",
        "receiptHandle": "h1",
        "body": "hi",
        "attributes": ATTRIBUTES,
        "messageAttributes": {
            "text": {"stringValue": "a", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
            "bytes": {"binaryValue": "AP8=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
        },
        "md5OfMessageAttributes": "y",
        "md5OfBody": "x",
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN,
        "awsRegion": "us-east-1",
    }
    assert "md5OfMessageAttributes" not in record_of(message(), ARN)


@pytest.mark.parametrize(
    ("pattern", "body", "wanted"),
    [
        ('{"body": {"kind": ["a"]}}', '{"kind": "a"}', True),
        ('{"body": {"kind": ["a"]}}', '{"kind": "b"}', False),
        ('{"body": {"kind": ["a"]}}', "no json", False),
        ('{"body": [{"prefix": "no"}]}', "no json", True),
        ('{"body": ["yes"]}', "no json", False),
        ('{"messageAttributes": {"x": {"stringValue": ["1"]}}}', "{}", False),
    ],
)
def test_filters_see_the_body_as_they_ask_for_it(pattern, body, wanted):
    assert Wanted([pattern])(record_of(message(body=body), ARN)) is wanted


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (b"null", set()),
        (b"", set()),
        (b"{}", set()),
        (b'{"batchItemFailures": null}', set()),
        (b'{"batchItemFailures": []}', set()),
        (b'{"batchItemFailures": [{"itemIdentifier": "m1"}]}', {"m1"}),
        (b'{"batchItemFailures": [{"itemIdentifier": ""}]}', {"m1", "m2"}),
        (b'{"batchItemFailures": [{"itemIdentifier": null}]}', {"m1", "m2"}),
        (b'{"batchItemFailures": [{"itemIdentifier": "other"}]}', {"m1", "m2"}),
        (b'{"batchItemFailures": [{"item": "m1"}]}', {"m1", "m2"}),
        (b'{"batchItemFailures": "m1"}', {"m1", "m2"}),
        (b'"text"', {"m1", "m2"}),
        (b"{broken", {"m1", "m2"}),
    ],
)
def test_a_partial_answer_is_taken_as_lambda_takes_it(answer, failed):
    records = [record_of(message(number), ARN) for number in (1, 2)]

    assert failed_in(answer, records, partial=True) == failed
    assert failed_in(answer, records, partial=False) == set()


class Queue:
    """Stands in for SQS: lends its messages once, keeps what is deleted."""

    def __init__(self, *messages):
        self.messages, self.deleted = list(messages), []

    def client(self, _service):
        return type("Client", (), {"meta": type("Meta", (), {"endpoint_url": "http://edge"})})

    async def call(self, _service, operation, **given):
        assert given["QueueUrl"] == "http://edge/000000000000/q"
        if operation == "delete_message_batch":
            self.deleted += [entry["ReceiptHandle"] for entry in given["Entries"]]
            return {}
        taken, self.messages = (
            self.messages[: given["MaxNumberOfMessages"]],
            self.messages[given["MaxNumberOfMessages"] :],
        )
        return {"Messages": taken}


def polled(queue, mapping, answers=(), until=1):
    """Run a source until the function was called so often; return the bodies of each batch."""
    batches, given = [], list(answers)

    async def invoke(reference, payload, *, origin):
        assert (reference, origin) == ("f", "sqs")
        batches.append([record["body"] for record in json.loads(payload)["Records"]])
        answer = given.pop(0) if given else Result(b"null")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def main():
        clock = ManualClock()
        source = SqsSource(mapping, aws=queue, invoke=invoke, clock=clock)
        source.start()
        async with asyncio.timeout(5):
            while len(batches) < until or source.state["batches"]:
                await asyncio.sleep(0.01)
                clock.advance(0.25)
        await source.stop()

    asyncio.run(main())
    return batches


def test_what_the_function_dealt_with_is_deleted():
    queue = Queue(*(message(number, str(number)) for number in range(25)))

    batches = polled(queue, SqsMapping("M", "f", ARN), until=3)

    assert sorted(len(batch) for batch in batches) == [5, 10, 10]
    assert sorted(queue.deleted) == sorted(f"h{number}" for number in range(25))


@pytest.mark.parametrize("answer", [Result(b"{}", "Unhandled"), Throttled("f")])
def test_what_failed_stays_in_the_queue(answer):
    queue = Queue(message())

    polled(queue, SqsMapping("M", "f", ARN), [answer])

    assert queue.deleted == []


def test_a_part_of_a_batch_may_fail():
    queue = Queue(message(1), message(2), message(3))
    answer = Result(b'{"batchItemFailures": [{"itemIdentifier": "m2"}]}')

    polled(queue, SqsMapping("M", "f", ARN, partial=True), [answer])

    assert queue.deleted == ["h1", "h3"]


def test_what_no_filter_wants_is_deleted_unseen():
    queue = Queue(message(1, '{"k": 1}'), message(2, '{"k": 2}'))

    assert polled(queue, SqsMapping("M", "f", ARN, filters=('{"body": {"k": [2]}}',))) == [['{"k": 2}']]
    assert sorted(queue.deleted) == ["h1", "h2"]


def test_a_window_collects_a_larger_batch():
    queue = Queue(*(message(number) for number in range(25)))

    batches = polled(queue, SqsMapping("M", "f", ARN, batch_size=20, window_s=5), until=2)

    assert [len(batch) for batch in batches] == [20, 5]


QUEUE = "  Q: { Type: AWS::SQS::Queue, Properties: { QueueName: q } }\n"


def declared(properties):
    return f"{FUNCTION}      Events:\n        On: {{ Type: SQS, Properties: {{ {properties} }} }}\n{QUEUE}"


def test_a_mapping_is_read_from_a_template(tmp_path):
    given = "Queue: !GetAtt Q.Arn, BatchSize: 50, MaximumBatchingWindowInSeconds: 5, ScalingConfig: { MaximumConcurrency: 3 }"
    more = ', FunctionResponseTypes: [ReportBatchItemFailures], FilterCriteria: { Filters: [{ Pattern: \'{"body": ["x"]}\' }] }'

    (mapping,) = read(tmp_path, declared(given + more)).sqs

    assert mapping == SqsMapping("One.On", "One", ARN, 50, 5, True, 3, ('{"body": ["x"]}',))


def test_a_mapping_that_is_off_polls_nothing(tmp_path):
    assert read(tmp_path, declared("Queue: !GetAtt Q.Arn, Enabled: false")).sqs == ()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("BatchSize: 11", "Maximum batch window in seconds must be greater than 0"),
        ("BatchSize: 0", "BatchSize is 0"),
        ("BatchSize: 10001, MaximumBatchingWindowInSeconds: 1", "BatchSize is 10001"),
        ("MaximumBatchingWindowInSeconds: 301", "MaximumBatchingWindowInSeconds is 301"),
        ("ScalingConfig: { MaximumConcurrency: 1 }", "MaximumConcurrency is 1"),
        ("FilterCriteria: { Filters: [{ Pattern: '{' }] }", "Invalid filter pattern definition"),
    ],
)
def test_what_lambda_would_refuse_is_refused(tmp_path, given, sentence):
    assert sentence in refusal(tmp_path, declared(f"Queue: !GetAtt Q.Arn, {given}"))
