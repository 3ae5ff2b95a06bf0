"""A REST API in this process, for the tests of its rules: `client(tmp_path, api, events)`."""

from __future__ import annotations

import json
import textwrap

from emulator.clock import ManualClock
from emulator.testing import Client


def echo(event, context):
    """Answer the event."""
    return {"statusCode": 200, "body": json.dumps(event)}


def answer(event, context):
    """Answer exactly what the body says."""
    return json.loads(event["body"])


def client(tmp_path, *, api="", events="", extra="", guard=None, clock=None):
    """Return a client of one function, `handlers.echo`, behind the API `Api` with the stage `live`.

    Args:
        api: Properties of the API; events: those of the function; extra: further resources; all as YAML.
        guard: The handler of the function `Guard`, for authorizers.
    """
    text = f"""
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
{_indented(api, 6)}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: handlers.echo
      Events:
{_indented(events, 8)}
        Default: {{ Type: Api, Properties: {{ RestApiId: !Ref Api, Path: /echo, Method: any }} }}
  Answer:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: handlers.answer
      Events:
        Post: {{ Type: Api, Properties: {{ RestApiId: !Ref Api, Path: /answer, Method: post, Auth: {{ Authorizer: NONE }} }} }}
  Guard:
    Type: AWS::Serverless::Function
    Properties: {{ Runtime: python3.13, Handler: handlers.guard }}
{_indented(extra, 2)}
"""
    file = tmp_path / "template.yaml"
    file.write_text(text)
    handlers = {"handlers.echo": echo, "handlers.answer": answer, "handlers.guard": guard}
    return Client(file, handlers, clock=clock or ManualClock())


def _indented(text, by):
    return textwrap.indent(textwrap.dedent(text).strip("\n"), " " * by)


def policy(effect="Allow", resource="*", **more):
    """Return what an authorizer answers."""
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {"principalId": "ada", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}, **more}
