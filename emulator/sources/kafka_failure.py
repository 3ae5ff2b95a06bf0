"""The documents that an on-failure destination gets about records that were given up
(docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html, kafka-on-failure-destination.html)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from emulator.runtime import Result
from emulator.sources.kafka_batch import Origin, Record, event
from emulator.template import function_arn

EXHAUSTED, TOO_OLD, TOO_LARGE = "RetryAttemptsExhausted", "RecordAgeExceeded", "MaximumPayloadSizeExceeded"
_OF_TOPICS = {EXHAUSTED: "RetriesExhausted"}
"""Conditions that have another name in the documents for topics."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Records of one batch that were given up. `result` is that of the last attempt, None without one."""

    records: Sequence[Record]
    condition: str
    attempts: int = 0
    request_id: str = ""
    result: Result | None = None


def whole(loss: Loss, origin: Origin, function: str, *, now: float, with_payload: bool) -> bytes:
    """Return the one document about a batch, for queues and topics of SNS, and with its event for buckets."""
    payload = event(loss.records, origin)
    info = {
        "firstRecordOffset": str(loss.records[0].offset),
        "lastRecordOffset": str(loss.records[-1].offset),
        "firstRecordTimestamp": _moment(loss.records[0].timestamp_ms / 1000),
        "lastRecordTimestamp": _moment(loss.records[-1].timestamp_ms / 1000),
    }
    document = _document(loss, function_arn(function), loss.condition, now=now)
    document["KafkaBatchInfo"] = {
        **_batch_info(len(loss.records), origin, payload),
        "recordsInfo": {loss.records[0].place: info},
    }
    if with_payload:
        document["payload"] = payload.decode()
    return json.dumps(document).encode()


def single(loss: Loss, record: Record, origin: Origin, function: str, *, now: float) -> bytes:
    """Return the document about one record, for Kafka topics: with the record itself."""
    payload = event([record], origin)
    arn = f"{function_arn(function)}:$LATEST"
    document = _document(loss, arn, _OF_TOPICS.get(loss.condition, loss.condition), now=now)
    info = {"offset": str(record.offset), "timestamp": _moment(record.timestamp_ms / 1000)}
    document["KafkaBatchInfo"] = {**_batch_info(1, origin, payload), "recordInfo": info}
    document["payload"] = json.loads(payload)
    return json.dumps(document).encode()


def _document(loss: Loss, arn: str, condition: str, *, now: float) -> dict[str, Any]:
    responded = loss.result and {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": loss.result.error,
    }
    return {
        "requestContext": {
            "requestId": loss.request_id,
            "functionArn": arn,
            "condition": condition,
            "approximateInvokeCount": loss.attempts,
        },
        "responseContext": responded,
        "version": "1.0",
        "timestamp": _moment(now),
    }


def _batch_info(size: int, origin: Origin, payload: bytes) -> dict[str, Any]:
    return {
        "batchSize": size,
        **({"eventSourceArn": origin.cluster} if origin.cluster else {}),
        "bootstrapServers": origin.bootstrap,
        "payloadSize": len(payload),
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
