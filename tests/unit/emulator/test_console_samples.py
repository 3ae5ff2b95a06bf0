"""Sample events have the shapes of AWS."""

from __future__ import annotations

import base64
import json

from emulator.console import samples, samples_api
from emulator.console.samples_api import Sent

NOW = 1_700_000_000.0
SENT = Sent("POST", "/items/7?x=1&x=2", (("Content-Type", "application/json"),), '{"n":1}', "/items/{id}")


def test_a_rest_event_is_what_the_gateway_sends() -> None:
    event = samples_api.rest(SENT, NOW)

    assert (event["resource"], event["path"], event["httpMethod"]) == ("/items/{id}", "/items/7", "POST")
    assert event["pathParameters"] == {"id": "7"}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["requestContext"]["requestTimeEpoch"] == NOW * 1000
    assert json.loads(event["body"]) == {"n": 1}


def test_an_http_event_is_of_format_two() -> None:
    event = samples_api.http(SENT, NOW)

    assert (event["version"], event["routeKey"], event["rawQueryString"]) == ("2.0", "POST /items/{id}", "x=1&x=2")
    assert event["queryStringParameters"] == {"x": "1,2"}
    assert event["requestContext"]["stage"] == "$default"


def test_authorizers_are_asked_as_the_gateway_asks() -> None:
    token, request = samples_api.authorizer("TOKEN", SENT, NOW), samples_api.authorizer("REQUEST", SENT, NOW)

    assert sorted(token) == ["authorizationToken", "methodArn", "type"]
    assert request["methodArn"] == token["methodArn"]
    assert request["methodArn"].endswith("/live/POST/items/7")
    assert (request["type"], request["headers"]["Authorization"]) == ("REQUEST", "token")


def test_a_websocket_connects_talks_and_leaves() -> None:
    connect, message, leave = (
        samples_api.websocket(kind, body="{}", route="ask", now=NOW) for kind in ("connect", "message", "disconnect")
    )

    assert [each["requestContext"]["eventType"] for each in (connect, message, leave)] == [
        "CONNECT", "MESSAGE", "DISCONNECT",
    ]  # fmt: skip
    assert (message["requestContext"]["routeKey"], message["body"]) == ("ask", "{}")
    assert leave["requestContext"]["disconnectStatusCode"] == 1000


def test_kafka_comes_from_ones_own_broker_or_from_msk() -> None:
    own = samples.kafka("t", ["a", "b"], key="k", headers=[("h", "v")], now=NOW)
    managed = samples.kafka("t", ["a"], key=None, headers=[], now=NOW, managed=True)

    assert own["eventSource"] == "SelfManagedKafka"
    assert [base64.b64decode(each["value"]) for each in own["records"]["t-0"]] == [b"a", b"b"]
    assert own["records"]["t-0"][0]["headers"] == [{"h": [118]}]
    assert managed["eventSource"] == "aws:kafka"
    assert managed["eventSourceArn"] == samples.CLUSTER


def test_a_bucket_tells_of_an_object_with_its_key_encoded() -> None:
    (record,) = samples.s3("b", "in box/ä.txt", name="ObjectCreated:Put", size=3, now=NOW)["Records"]

    assert (record["eventSource"], record["eventVersion"], record["eventName"]) == (
        "aws:s3",
        "2.1",
        "ObjectCreated:Put",
    )
    assert record["s3"]["object"]["key"] == "in+box/%C3%A4.txt"
    assert record["s3"]["object"]["size"] == 3


def test_schedules_and_buses_send_what_eventbridge_sends() -> None:
    rule = samples.schedule("nightly", "rate(1 day)", scheduler=False, now=NOW)
    event = samples.eventbridge("my.app", "Order Placed", {"n": 1}, now=NOW)

    assert (rule["detail-type"], rule["source"], rule["detail"]) == ("Scheduled Event", "aws.events", {})
    assert rule["resources"][0].endswith(":rule/nightly")
    assert sorted(event) == sorted(rule)
    assert (event["source"], event["detail-type"], event["detail"]) == ("my.app", "Order Placed", {"n": 1})


def test_queues_and_topics_send_records() -> None:
    queue = samples.sqs("orders", ["one", "two"], now=NOW)["Records"]
    (topic,) = samples.sns("orders", "hello", subject=None, now=NOW)["Records"]

    assert [each["body"] for each in queue] == ["one", "two"]
    assert queue[0]["md5OfBody"] == "f97c5d29941bfb1b2fdab0874906ab82"
    assert queue[0]["eventSource"] == "aws:sqs"
    assert (topic["EventSource"], topic["EventVersion"]) == ("aws:sns", "1.0")
    assert (topic["Sns"]["Message"], topic["Sns"]["Type"]) == ("hello", "Notification")
