"""Kafka records as Lambda sees them, and what its answer says about a batch."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MAX_BATCH_BYTES = 6 * 1024 * 1024
_OVERHEAD_BYTES = 200


@dataclass(frozen=True, slots=True)
class Record:
    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    log_append_time: bool
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def size(self) -> int:
        """Return about how many bytes the record takes in an event."""
        return (len(self.key or b"") + len(self.value or b"")) * 4 // 3 + _OVERHEAD_BYTES

    @property
    def place(self) -> str:
        return f"{self.topic}-{self.partition}"


class WholeBatch(Exception):
    """The answer fails all records of the batch."""


def event(records: Sequence[Record], bootstrap: str) -> bytes:
    """Build the event of a self-managed Kafka mapping."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        grouped.setdefault(record.place, []).append(_wire(record))
    return json.dumps(
        {"eventSource": "SelfManagedKafka", "bootstrapServers": bootstrap, "records": grouped}, separators=(",", ":")
    ).encode()


def _wire(record: Record) -> dict[str, Any]:
    wire: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp_ms,
        "timestampType": "LOG_APPEND_TIME" if record.log_append_time else "CREATE_TIME",
        "headers": [{name: list(value or b"")} for name, value in record.headers],
    }
    if record.key is not None:
        wire["key"] = base64.b64encode(record.key).decode()
    if record.value is not None:
        wire["value"] = base64.b64encode(record.value).decode()
    return wire


def handled(payload: bytes, batch: Sequence[Record]) -> int:
    """Return how many records at the head of a partition's batch are done, by `batchItemFailures`.

    No answer, an empty one and an empty list mean all of them.

    Raises:
        WholeBatch: the answer is not JSON, or names something that is not in the batch.
    """
    try:
        answer = json.loads(payload) if payload.strip() else None
    except ValueError as broken:
        raise WholeBatch("the answer is not JSON") from broken
    if not isinstance(answer, dict):
        return len(batch)
    failures = answer.get("batchItemFailures")
    if not failures:
        return len(batch)
    if not isinstance(failures, list):
        raise WholeBatch("batchItemFailures is not a list")
    positions = {record.offset: index for index, record in enumerate(batch)}
    return min(_position(failure, batch[0].place, positions) for failure in failures)


def _position(failure: Any, place: str, positions: dict[int, int]) -> int:
    try:
        identifier = failure["itemIdentifier"]
        if identifier["partition"] != place:
            raise WholeBatch(f"{identifier['partition']} is not the batch's partition {place}")
        return positions[identifier["offset"]]
    except (KeyError, TypeError) as unknown:
        raise WholeBatch(f"an item failure names nothing of the batch: {failure!r}") from unknown


def take(records: Sequence[Record], size: int) -> int:
    """Return how many records from the head make one batch: at most `size`, and within 6 MB."""
    total = 0
    for count, record in enumerate(records):
        total += record.size
        if count == size or (count and total > MAX_BATCH_BYTES):
            return count
    return len(records)
