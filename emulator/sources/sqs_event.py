"""The event of a batch of messages, which of them a function wants, and which it has dealt with.

AWS: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.patterns import Pattern
from emulator.template.model import REGION

Message = Mapping[str, Any]
"""A message as `ReceiveMessage` returns it."""


def record_of(message: Message, queue: str) -> dict[str, Any]:
    """Return the record of a message; `queue` is an ARN."""
    attributes = message.get("MessageAttributes") or {}
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes") or {}),
        "messageAttributes": {name: _attribute(value) for name, value in attributes.items()},
        **({"md5OfMessageAttributes": message["MD5OfMessageAttributes"]} if attributes else {}),
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue,
        "awsRegion": REGION,
    }


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if "BinaryValue" in value:
        return {"binaryValue": base64.b64encode(value["BinaryValue"]).decode(), **found}
    return {"stringValue": value["StringValue"], **found}


class Wanted:
    """The filter criteria of a mapping. What none of them wants is deleted and never seen."""

    def __init__(self, filters: Iterable[str]) -> None:
        self._patterns = [Pattern(each) for each in filters]

    def __call__(self, record: Mapping[str, Any]) -> bool:
        return not self._patterns or any(_fits(pattern, record) for pattern in self._patterns)


def _fits(pattern: Pattern, record: Mapping[str, Any]) -> bool:
    """Compare a record: its body as JSON if the pattern asks for fields of it, else as text."""
    if isinstance(pattern.given.get("body"), Mapping):
        try:
            record = {**record, "body": json.loads(record["body"])}
        except ValueError:
            return False
    return pattern.matches(record)


def failed_in(answer: bytes, records: Iterable[Mapping[str, Any]], *, partial: bool) -> set[str]:
    """Return the ids of the messages that the function has not dealt with, by what it answered.

    Without partial batch responses it is none; an answer that names no message, or one that was not in the batch, is
    a failure of them all.
    """
    known = {str(record["messageId"]) for record in records}
    if not partial:
        return set()
    try:
        document = json.loads(answer or b"null")
        items = (document or {}).get("batchItemFailures") or []
        named = {item["itemIdentifier"] for item in items}
    except (ValueError, TypeError, KeyError, AttributeError):
        return known
    return named if named.issubset(known) else known
