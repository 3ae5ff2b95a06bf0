"""Handlers that say and return what must not be shown."""

import json
import os
import time

PAIR = {"access_token": "opaque-token-of-ada", "expires_in": 900}


def login(event, context):
    print("password=correct-horse for", os.environ["DATABASE_PASSWORD"])
    if event.get("call"):
        import boto3  # only here, for it takes long to load

        boto3.client("lambda").invoke(FunctionName="echo", Payload="{}")
    caller = (event["requestContext"].get("authorizer") or {}).get("principalId")
    body = json.dumps({**PAIR, "caller": caller, "sent": json.loads(event["body"] or "{}")})
    time.sleep(json.loads(body)["sent"].get("seconds", 0))
    return {"statusCode": 201, "headers": {"Set-Cookie": "session=opaque-cookie"}, "body": body}


def guard(event, context):
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}
    return {"principalId": "ada", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


def echo(event, context):
    time.sleep(event.get("seconds", 0) if isinstance(event, dict) else 0)
    return event


def doomed(event, context):
    print("about to fail")
    raise RuntimeError("never works")
