"""What a function's answer says about a batch
(docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from emulator.sources.kafka_batch import Record


class WholeBatch(Exception):
    """The answer fails all records of the batch."""


def handled(payload: bytes, batch: Sequence[Record]) -> int:
    """Return how many records at the head of a partition's batch are done, by `batchItemFailures`.

    No answer, an empty one and an empty list mean all of them. Several failures mean all from the first one on.

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
    identifier = failure.get("itemIdentifier") if isinstance(failure, dict) else None
    if not isinstance(identifier, dict):
        raise WholeBatch(f"an item failure has no partition and offset: {failure!r}")
    partition, offset = identifier.get("partition"), identifier.get("offset")
    if partition != place:
        raise WholeBatch(f"{partition!r} is not the batch's partition {place}")
    if type(offset) is not int or offset not in positions:
        raise WholeBatch(f"the offset {offset!r} is not in the batch")
    return positions[offset]
