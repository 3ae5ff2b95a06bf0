"""API keys, limits and checks of a REST API through real sockets and processes."""

from __future__ import annotations

import json

import pytest

from emulator.testing import running
from tests.emulator.conftest import options, send

TEMPLATE = """
Globals: { Function: { Runtime: python3.13, Handler: app.echo } }
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Auth: { ApiKeyRequired: true, UsagePlan: { CreateUsagePlan: PER_API, Quota: { Limit: 3, Period: DAY } } }
      Models: { Person: { type: object, required: [name] } }
      Cors: "'*'"
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      Tags: { domain: people }
      Events:
        Post:
          Type: Api
          Properties:
            RestApiId: !Ref Api
            Path: /people
            Method: post
            RequestModel: { Model: Person, ValidateBody: true }
"""
APP = """
import json
def echo(event, context):
    return {"statusCode": 200, "headers": {"Server": "mine"}, "body": json.dumps(event["requestContext"]["identity"])}
"""


@pytest.fixture
def served(tmp_path):
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "app.py").write_text(APP)
    given = options(tmp_path / "data", template=tmp_path / "template.yaml", domain_ports={"people": 0})
    with running(given) as emulator:
        yield emulator


def test_a_made_up_key_opens_every_port_until_its_quota_ends(served, tmp_path):
    file = tmp_path / "data" / "emulator" / "api-keys.json"
    key = json.loads(file.read_text())["ApiApiKey"]

    def ask(port, key=key, body='{"name": "ada"}'):
        return send(served.ports[port], "POST", "/people", body, {"X-Api-Key": key, "Content-Type": "application/json"})

    first = ask("all")
    assert (first.status, first.json["apiKeyId"], first.headers["x-amzn-remapped-server"]) == (200, "ApiApiKey", "mine")
    assert ask("all", "wrong").json == {"message": "Forbidden"}
    assert ask("people", body="{}").json == {"message": "Invalid request body"}
    assert ask("people").status == 200
    assert ask("all").json == {"message": "Limit Exceeded"}
    assert send(served.ports["all"], "OPTIONS", "/people").status == 403

    told = json.dumps(send(served.ports["edge"], "GET", "/_emulator/status").json)
    assert key not in told
    assert str(file) in told
