"""Handlers that write down what they got."""

import json
import os
import time


def note(event, context):
    _write(event, context)
    return {"noted": True}


def nap(event, context):
    _write({"begun": event}, context)
    time.sleep(event["seconds"])
    _write({"ended": event}, context)


def fail(event, context):
    _write(event, context)
    raise ValueError("never works")


def _write(event, context):
    line = json.dumps({"event": event, "id": context.aws_request_id, "name": context.function_name, "at": time.time()})
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(line + "\n")
