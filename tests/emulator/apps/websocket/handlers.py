"""Handlers of a WebSocket API that tests run in real processes."""

import json
import os
import time
from pathlib import Path


def meet(event, context):
    """Serve $connect and $disconnect: note the event, and answer what the query asks for."""
    with Path(os.environ["NOTES"]).open("a") as file:
        file.write(json.dumps(event) + "\n")
    query = event.get("queryStringParameters") or {}
    time.sleep(float(query.get("wait", 0)))
    if "fail" in query:
        raise RuntimeError("as asked")
    wanted = event["headers"].get("Sec-WebSocket-Protocol")
    headers = {"Sec-WebSocket-Protocol": wanted.split(",")[-1].strip()} if wanted else {}
    return {"statusCode": int(query.get("status", 200)), "headers": headers, "body": query.get("say", "")}


def talk(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}


def misbehave(event, context):
    raise RuntimeError("as asked")


def slow(event, context):
    time.sleep(1)
    return {"statusCode": 200}


def guard(event, context):
    key = event["headers"].get("X-Key")
    if key == "nobody":
        raise Exception("Unauthorized")  # noqa: TRY002 - the gateway knows these words, not the class
    effect = "Allow" if key == "ada" else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    return {"principalId": key, "policyDocument": {"Statement": [statement]}, "context": {"room": "1", "level": 2}}
