"""Results of asynchronous invokes at their destinations: queues, an event bus, and what comes from there."""

from __future__ import annotations

import json

import boto3
import pytest

from emulator.testing import running
from tests.emulator.conftest import APPS, boto_client, eventually, options, send


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    data = tmp_path_factory.mktemp("queue")
    given = {
        "template": APPS / "queue" / "template.yaml",
        "parameters": {"Notes": str(data / "notes.jsonl"), "Polling": "true"},
    }
    with running(options(data, **given)) as emulator:
        yield emulator


def client(platform, service):
    key = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}
    return boto3.client(service, endpoint_url=f"http://127.0.0.1:{platform.ports['edge']}", **key)


def submit(platform, name, event):
    reply = boto_client(platform.ports["edge"]).invoke(
        FunctionName=name, InvocationType="Event", Payload=json.dumps(event)
    )
    return reply["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]


def received(platform, queue):
    """Wait for one message of a queue."""
    sqs, found = client(platform, "sqs"), []
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]

    def arrived():
        found.extend(sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", []))
        return bool(found)

    eventually(arrived)
    return found[0]


def noted(platform, name):
    file = platform.options.data / "notes.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return [line["event"] for line in lines if line["name"] == name]


def test_a_queue_gets_the_record_of_a_success(platform):
    request_id = submit(platform, "pleased", {"n": 1})

    record = json.loads(received(platform, "results")["Body"])

    assert record["requestContext"]["requestId"] == request_id
    assert record["requestContext"]["condition"] == "Success"
    assert (record["requestPayload"], record["responsePayload"]) == ({"n": 1}, {"noted": True})


def test_a_dead_letter_queue_gets_the_event_and_its_error(platform):
    request_id = submit(platform, "broken", {"raise_error": 1})

    message = received(platform, "dead")

    assert json.loads(message["Body"]) == {"raise_error": 1}
    assert message["MessageAttributes"] == {
        "RequestID": {"StringValue": request_id, "DataType": "String"},
        "ErrorCode": {"StringValue": "200", "DataType": "Number"},
        "ErrorMessage": {"StringValue": "never works", "DataType": "String"},
    }


def test_a_function_watches_the_bus_that_gets_failures(platform):
    request_id = submit(platform, "failing", {"a": 2})

    eventually(lambda: bool(noted(platform, "watching")))
    (event,) = noted(platform, "watching")
    assert event["source"] == "lambda"
    assert event["detail-type"] == "Lambda Function Invocation Result - Failure"
    assert event["detail"]["requestContext"]["requestId"] == request_id
    assert event["detail"]["requestContext"]["approximateInvokeCount"] == 2
    assert sorted(event["resources"]) == [
        "arn:aws:events:us-east-1:000000000000:event-bus/outcomes",
        "arn:aws:lambda:us-east-1:000000000000:function:failing:$LATEST",
    ]


def test_put_events_reaches_a_function_of_the_template(platform):
    before = len(noted(platform, "watching"))
    entry = {
        "Source": "lambda",
        "DetailType": "Lambda Function Invocation Result - Failure",
        "Detail": json.dumps({"by": "hand"}),
        "EventBusName": "outcomes",
    }

    answer = client(platform, "events").put_events(Entries=[entry, entry | {"EventBusName": "default"}])

    assert answer["FailedEntryCount"] == 0
    eventually(lambda: len(noted(platform, "watching")) == before + 1)
    assert noted(platform, "watching")[-1]["id"] == answer["Entries"][0]["EventId"]
    assert noted(platform, "watching")[-1]["detail"] == {"by": "hand"}


def test_time_that_is_advanced_fires_schedules_at_once(platform):
    platform.options.clock.advance(180)

    eventually(lambda: len(noted(platform, "every")) == 3, 2)
    assert {event["source"] for event in noted(platform, "every")} == {"aws.events"}
    assert send(platform.ports["edge"], "GET", "/_emulator/status").json["celery"] is None


def test_a_queue_wakes_a_function_and_is_emptied(platform):
    sqs = client(platform, "sqs")
    url = sqs.get_queue_url(QueueName="work")["QueueUrl"]

    sqs.send_message(QueueUrl=url, MessageBody='{"n": 1}')

    eventually(lambda: bool(noted(platform, "taking")))
    (record,) = noted(platform, "taking")[0]["Records"]
    assert (record["body"], record["eventSource"]) == ('{"n": 1}', "aws:sqs")
    assert record["eventSourceARN"] == "arn:aws:sqs:us-east-1:000000000000:work"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    eventually(
        lambda: set(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counts)["Attributes"].values()) == {"0"}
    )
