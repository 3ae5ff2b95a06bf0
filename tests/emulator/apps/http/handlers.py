"""Handlers behind an HTTP API: one shows its event, one answers what it is told to."""

import json
import time


def echo(event, context):
    return {"statusCode": 200, "headers": {"x-own": "1", "content-type": "application/json"}, "body": json.dumps(event)}


def answer(event, context):
    told = json.loads(event["body"])
    if "sleep" in told:
        time.sleep(told["sleep"])
    if "raise" in told:
        raise ValueError(told["raise"])
    return told.get("answer")


def guard(event, context):
    if event["identitySource"] == ["raise"]:
        raise ValueError("no")
    return {"isAuthorized": event["identitySource"] == ["let me in"], "context": {"tier": 3, "tags": ["a"]}}
