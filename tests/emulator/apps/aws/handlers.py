"""Handlers that use other services of AWS as any function does: boto3 without a word about an endpoint."""

from __future__ import annotations

import json
import os
import time

import boto3


def ask(event, context):
    """Call one operation and return what it answered, or the code of its error."""
    if event.get("do") == "wait":
        time.sleep(1.0)
    if event.get("do") in ("arn", "wait"):
        return context.invoked_function_arn
    if event.get("do") == "environ":
        return dict(os.environ)
    client = boto3.client(event["service"])
    answer = getattr(client, event["operation"])(**event.get("with", {}))
    answer.pop("ResponseMetadata")
    return json.loads(json.dumps(answer, default=str)) if event.get("answer") else None


def echo(event, _context):
    return event


def fail(_event, _context):
    raise ValueError("as asked")


def watch(event, _context):
    """Hand the event on to the destination of success."""
    return json.dumps(event)
