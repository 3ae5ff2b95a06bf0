"""Consumers that write down what they get, and fail where a record says so."""

import base64
import json
import os
from pathlib import Path

refused = set()


def take(event, context):
    """Take a whole batch; a record `fail` fails it the first time it is seen by this process."""
    (place,) = event["records"]
    values = [base64.b64decode(record["value"]).decode() for record in event["records"][place]]
    _note({"function": "take", "place": place, "values": values, "event": _shape(event)})
    for value in values:
        if value == "fail" and place not in refused:
            refused.add(place)
            raise RuntimeError("as the record says")


def partly(event, context):
    """Refuse the record `later` once, by its offset."""
    failures = []
    for place, records in event["records"].items():
        for record in records:
            value = base64.b64decode(record["value"]).decode()
            if value == "later" and value not in refused:
                refused.add(value)
                failures = [{"itemIdentifier": {"partition": place, "offset": record["offset"]}}]
                break
            _note({"function": "partly", "place": place, "values": [value]})
    return {"batchItemFailures": failures}


def managed(event, context):
    """Take what the filter let through."""
    for place, records in event["records"].items():
        values = [base64.b64decode(record["value"]).decode() for record in records]
        _note({"function": "managed", "place": place, "values": values, "event": _shape(event)})


def fail(event, context):
    raise RuntimeError("always")


def _shape(event):
    first = next(iter(event["records"].values()))[0]
    return {**event, "records": first}


def _note(document):
    with Path(os.environ["FILE"]).open("a") as file:
        file.write(json.dumps(document) + "\n")
