"""The in-process client that unit tests of handlers use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.template import load
from emulator.testing import Client

BASIC = Path(__file__).parents[2] / "emulator" / "apps" / "basic" / "template.yaml"


def guard(event, context):
    if event.get("authorizationToken") != "good":
        raise ValueError("Unauthorized")
    return {
        "principalId": "ada",
        "policyDocument": {
            "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": event["methodArn"]}
        },
    }


def echo(event, context):
    return {"statusCode": 200, "body": json.dumps({"event": event, "function": context.function_name})}


@pytest.fixture
def client():
    return Client(
        BASIC, {"handlers.echo": echo, "handlers.guard": guard, "handlers.hello": lambda event, context: 1 / 0}
    )


def test_requests_become_the_same_events(client):
    reply = client.request("post", "/echo/7?x=1", body={"a": 1}, query=None)

    event = reply.json["event"]
    assert reply.json["function"] == "echo"
    assert (reply.status, event["httpMethod"], event["pathParameters"]) == (200, "POST", {"id": "7"})
    assert event["queryStringParameters"] == {"x": "1"}
    assert json.loads(event["body"]) == {"a": 1}
    assert event["headers"]["Content-Type"] == "application/json"


def test_a_given_authorizer_context_stands_for_the_authorizer(client):
    event = client.request("GET", "/token", authorizer={"principalId": "eve"}).json["event"]

    assert event["requestContext"]["authorizer"] == {"principalId": "eve"}


def test_without_one_the_authorizer_is_called(client):
    assert client.request("GET", "/token").status == 401
    assert client.request("GET", "/token", headers={"Authorization": "bad"}).status == 401
    event = client.request("GET", "/token", headers={"Authorization": "good"}).json["event"]
    assert event["requestContext"]["authorizer"]["principalId"] == "ada"


def test_a_raising_handler_is_a_502_and_an_unknown_route_what_the_template_says(client, capsys):
    assert client.request("GET", "/hello").status == 502
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert client.request("GET", "/nope").json["code"] == "not_found"


def test_events_reach_named_functions(client):
    assert client.invoke("echo", {"a": 1})["statusCode"] == 200
    with pytest.raises(ZeroDivisionError):
        client.invoke("hello", {})


def test_handlers_are_imported_by_name(tmp_path, monkeypatch):
    (tmp_path / "one_handler.py").write_text("def handler(event, context):\n    return event\n")
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "template.yaml"
    file.write_text(
        "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: one_handler.handler}}}"
    )

    assert Client(load(file)).invoke("F", {"a": 1}) == {"a": 1}
