"""Kafka records as Lambda sees them, and which of them make one batch."""

from __future__ import annotations

import json
from binascii import b2a_base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

MAX_BATCH_BYTES = 6 * 1024 * 1024
_AROUND_BYTES = 1024
"""Room for what surrounds the records of an event: names of the source, servers, topic."""


@dataclass(frozen=True, slots=True)
class Record:
    """`wire` is its JSON in an event."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    wire: bytes

    @property
    def size(self) -> int:
        """Return how many bytes the record takes in an event."""
        return len(self.wire) + 1

    @property
    def place(self) -> str:
        return f"{self.topic}-{self.partition}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from: the servers, and the ARN of a managed cluster."""

    bootstrap: str
    cluster: str | None = None


def record(
    topic: str,
    partition: int,
    offset: int,
    timestamp_ms: int,
    *,
    key: bytes | None = None,
    value: bytes | None = None,
    headers: Iterable[tuple[str, bytes | None]] = (),
    log_append_time: bool = False,
) -> Record:
    """Return a record. A key or value that is not there is left out of the event."""
    kind = "LOG_APPEND_TIME" if log_append_time else "CREATE_TIME"
    shown = ",".join(_header(name, content) for name, content in headers)
    wire = b'{"topic":%b,"partition":%d,"offset":%d,"timestamp":%d,"timestampType":"%b",%b%b"headers":[%b]}' % (
        _text(topic), partition, offset, timestamp_ms, kind.encode(), _field(b"key", key), _field(b"value", value),
        shown.encode(),
    )  # fmt: skip
    return Record(topic, partition, offset, timestamp_ms, key, wire)


def event(records: Sequence[Record], origin: Origin) -> bytes:
    """Build the event of a batch of one partition
    (docs.aws.amazon.com/lambda/latest/dg/with-kafka.html, with-msk.html)."""
    if origin.cluster is None:
        source = b'"eventSource":"SelfManagedKafka"'
    else:
        source = b'"eventSource":"aws:kafka","eventSourceArn":%b' % _text(origin.cluster)
    servers, place = _text(origin.bootstrap), _text(records[0].place)
    wires = b",".join(each.wire for each in records)
    return b'{%b,"bootstrapServers":%b,"records":{%b:[%b]}}' % (source, servers, place, wires)


def take(records: Sequence[Record], size: int) -> int:
    """Return how many records from the head make one batch: at most `size`, and within 6 MB."""
    total = _AROUND_BYTES
    for count, each in enumerate(records):
        total += each.size
        if count == size or (count and total > MAX_BATCH_BYTES):
            return count
    return len(records)


def too_large(each: Record) -> bool:
    """Tell whether a record is more than an invocation takes, even alone."""
    return each.size + _AROUND_BYTES > MAX_BATCH_BYTES


@lru_cache(256)
def _text(value: str) -> bytes:
    return json.dumps(value).encode()


def _field(name: bytes, content: bytes | None) -> bytes:
    return b"" if content is None else b'"%b":"%b",' % (name, b2a_base64(content, newline=False))


def _header(name: str, content: bytes | None) -> str:
    """Return a header as AWS does: its bytes are those of Java, from -128 to 127
    (github.com/aws-powertools/powertools-lambda-python/issues/6862)."""
    signed = ",".join(str(byte - 256 if byte > 127 else byte) for byte in content or b"")
    return f"{{{json.dumps(name)}:[{signed}]}}"
