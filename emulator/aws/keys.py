"""Names of the objects that Lambda writes for events it gave up.

AWS: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

from emulator.template.model import function_name


def async_key(function: str, now: float) -> str:
    """Return the key of the record of an asynchronous invoke. `now` is in seconds since 1970."""
    return f"aws/lambda/async/{function}/{_moment(now)}"


def mapping_key(mapping_id: str, place: str, now: float) -> str:
    """Return the key of the record of a batch. `place` is the topic and partition, or the shard."""
    return f"aws/lambda/{mapping_id}/{place}/{_moment(now)}"


def key_of(document: bytes) -> str:
    """Return the key for the record of an asynchronous invoke, by what the record says of itself."""
    record = json.loads(document)
    at = datetime.fromisoformat(record["timestamp"]).timestamp()
    return async_key(function_name(record["requestContext"]["functionArn"]), at)


def _moment(now: float) -> str:
    return f"{datetime.fromtimestamp(now, UTC):%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
