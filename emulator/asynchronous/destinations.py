"""The document that an on-failure destination gets about an asynchronous invoke."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from emulator.asynchronous.store import Job
from emulator.runtime import Result


def failure_document(job: Job, condition: str, result: Result | None, *, arn: str, now: float) -> bytes:
    """Return the document that an on-failure destination gets."""
    document: dict[str, Any] = {
        "version": "1.0",
        "timestamp": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        "requestContext": {
            "requestId": job.request_id,
            "functionArn": f"{arn}:$LATEST",
            "condition": condition,
            "approximateInvokeCount": job.attempts,
        },
        "requestPayload": _document(job.payload),
    }
    if result is not None:
        document["responseContext"] = {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": result.error,
        }
        document["responsePayload"] = _document(result.payload)
    return json.dumps(document).encode()


def _document(payload: bytes) -> Any:
    try:
        return json.loads(payload) if payload else None
    except ValueError:
        return payload.decode("utf-8", "replace")
