"""What destinations and dead-letter queues get about an asynchronous invoke.

AWS: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from emulator.asynchronous.model import Handover, Job
from emulator.runtime import Result
from emulator.template import Function

SUCCESS = "Success"
EXHAUSTED, TOO_OLD, NO_CONCURRENCY = "RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency"
LATEST = "$LATEST"
_MESSAGE_BYTES = 1024
_THROTTLED = ("429", "Rate Exceeded.")


def after_success(function: Function, job: Job, result: Result, now: float) -> list[Handover]:
    """Return what a success sets off; `job` counts this attempt too."""
    destination = function.rules.on_success
    return [Handover(destination, record(function, job, SUCCESS, result, now))] if destination else []


def after_failure(function: Function, job: Job, condition: str, result: Result | None, now: float) -> list[Handover]:
    """Return what giving an event up sets off. A destination and a dead-letter queue both get theirs."""
    found = []
    if function.rules.on_failure:
        found.append(Handover(function.rules.on_failure, record(function, job, condition, result, now)))
    if function.rules.dead_letter:
        code, message = ("200", message_of(result)) if result is not None else _THROTTLED
        attributes = {"RequestID": job.request_id, "ErrorCode": code, "ErrorMessage": message}
        found.append(Handover(function.rules.dead_letter, job.payload, attributes))
    return found


def record(function: Function, job: Job, condition: str, result: Result | None, now: float) -> bytes:
    """Return the invocation record. Without a result the function was not run, and it has no response."""
    document: dict[str, Any] = {
        "version": "1.0",
        "timestamp": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        "requestContext": {
            "requestId": job.request_id,
            "functionArn": f"{function.arn}:{job.qualifier or LATEST}",
            "condition": condition,
            "approximateInvokeCount": job.attempts,
        },
        "requestPayload": _document(job.payload),
    }
    if result is not None:
        failed = {} if result.error is None else {"functionError": result.error}
        version = function.qualifiers.get(job.qualifier, LATEST)
        document["responseContext"] = {"statusCode": 200, "executedVersion": version, **failed}
        document["responsePayload"] = _document(result.payload)
    return json.dumps(document).encode()


def message_of(result: Result) -> str:
    """Return the first 1 KB of the message of an error document."""
    document = _document(result.payload)
    message = document.get("errorMessage") if isinstance(document, dict) else None
    text = message if isinstance(message, str) else result.payload.decode("utf-8", "replace")
    return text.encode()[:_MESSAGE_BYTES].decode("utf-8", "ignore")


def _document(payload: bytes) -> Any:
    try:
        return json.loads(payload) if payload else None
    except ValueError:
        return payload.decode("utf-8", "replace")
