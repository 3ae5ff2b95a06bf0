"""boto3's Lambda client against the edge port."""

from __future__ import annotations

import base64
import json

import pytest

from tests.emulator.conftest import TOKEN, eventually, notes, send


def test_invoke_answers_with_payload_and_version(lambda_client, emulator):
    arn = emulator.template.functions["echo"].arn
    for name in ("echo", arn, f"{arn}:$LATEST"):
        reply = lambda_client.invoke(FunctionName=name, Payload=b'{"a": "\xc3\xa9"}')

        assert (reply["StatusCode"], reply["ExecutedVersion"]) == (200, "$LATEST")
        assert json.loads(reply["Payload"].read()) == {"a": "é"}
        assert "FunctionError" not in reply


def test_the_client_context_reaches_the_function(lambda_client):
    context = base64.b64encode(json.dumps({"custom": {"a": "b"}}).encode()).decode()
    reply = lambda_client.invoke(FunctionName="behave", Payload=b'{"do": "environ"}', ClientContext=context)

    assert json.loads(reply["Payload"].read())["client"] == {"a": "b"}


def test_a_dry_run_runs_nothing(lambda_client):
    assert lambda_client.invoke(FunctionName="missing", InvocationType="DryRun")["StatusCode"] == 204


def test_an_unknown_function_is_not_found(lambda_client):
    with pytest.raises(lambda_client.exceptions.ResourceNotFoundException) as caught:
        lambda_client.invoke(FunctionName="doesnotexist")

    assert caught.value.response["Error"]["Message"].endswith("function:doesnotexist:$LATEST")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_payloads_are_checked(lambda_client):
    with pytest.raises(lambda_client.exceptions.InvalidRequestContentException):
        lambda_client.invoke(FunctionName="echo", Payload=b"{not json")
    with pytest.raises(lambda_client.exceptions.RequestTooLargeException):
        lambda_client.invoke(FunctionName="echo", Payload=b'"' + b"x" * (6 * 1024 * 1024) + b'"')
    with pytest.raises(lambda_client.exceptions.RequestTooLargeException):
        lambda_client.invoke(FunctionName="echo", InvocationType="Event", Payload=b'"' + b"x" * 1024 * 1024 + b'"')


def test_functions_are_listed(lambda_client):
    names = {each["FunctionName"] for each in lambda_client.list_functions()["Functions"]}
    function = lambda_client.get_function(FunctionName="hello")["Configuration"]

    assert {"hello", "echo", "behave"} <= names
    assert (function["Handler"], function["Timeout"], function["Runtime"]) == ("handlers.hello", 5, "python3.13")
    assert set(function["Environment"]["Variables"]) == {"GREETING"}


def test_an_s3_event_invokes_the_functions_that_asked(emulator):
    edge, data = emulator.ports["edge"], emulator.options.data
    document = {"Records": [_record("in+box/a%C3%A9.tar"), _record("in+box/b.zip"), _record("other/c.tar")]}

    def post(token: str):
        return send(edge, "POST", "/_emulator/s3-events", document, {"Authorization": f"Bearer {token}"})

    assert post("wrong").status == 401
    reply = post(TOKEN)
    assert reply.status == 202
    (request_id,) = reply.json["invoked"]

    eventually(lambda: any(each["id"] == request_id for each in notes(data)))
    (record,) = next(each for each in notes(data) if each["id"] == request_id)["event"]["Records"]
    assert record["s3"]["object"]["key"] == "in+box/a%C3%A9.tar"
    assert (record["eventName"], record["eventSource"]) == ("ObjectCreated:Put", "aws:s3")


def _record(key: str) -> dict:
    return {
        "eventVersion": "2.0",
        "eventSource": "minio:s3",
        "awsRegion": "us-east-1",
        "eventName": "s3:ObjectCreated:Put",
        "source": {"host": "x"},
        "s3": {"bucket": {"name": "uploads"}, "object": {"key": key, "size": 1, "eTag": "e"}},
    }


def test_a_notification_without_records_is_refused(emulator):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for body in ("nonsense", "{}", '{"Records": [{}]}', "[]"):
        assert send(emulator.ports["edge"], "POST", "/_emulator/s3-events", body, headers).status == 400


def test_status_and_readiness(emulator):
    edge = emulator.ports["edge"]
    status = send(edge, "GET", "/_emulator/status").json

    assert send(edge, "GET", "/_emulator/ready").json == {"ready": True}
    assert status["ready"] is True
    assert status["functions"]["hello"]["running"] == 0
    assert status["asynchronous"]["dead"] == 0
    assert "python3.13" in " ".join(status["warnings"])
    assert TOKEN not in json.dumps(status)


def test_the_edge_port_refuses_other_hosts_and_other_sites_pages(emulator):
    edge = emulator.ports["edge"]

    assert send(edge, "GET", "/_emulator/status", headers={"Host": "evil.example"}).status == 403
    assert send(edge, "GET", "/_emulator/status", headers={"Origin": "https://evil.example"}).status == 403
    assert send(edge, "GET", "/_emulator/status", headers={"Origin": "null"}).status == 403
    assert send(edge, "GET", "/_emulator/status", headers={"Origin": "http://localhost:3000"}).status == 200
