"""Handlers that tests run in real processes."""

import json


def hello(event, context):
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"path": event["path"]}),
    }
