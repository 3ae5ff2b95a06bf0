"""The event of a new object, as S3 sends it to a function."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus


@dataclass(frozen=True, slots=True)
class Created:
    """An object that has come into being."""

    bucket: str
    key: str
    name: str
    rule: str
    size_bytes: int
    etag: str
    at: datetime

    def event(self, *, principal: str) -> dict[str, Any]:
        """The event as S3 sends it to a function."""
        sequencer = f"{time.time_ns():016X}"
        record = {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "us-east-1",
            "eventTime": self.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "eventName": self.name,
            "userIdentity": {"principalId": principal},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": sequencer, "x-amz-id-2": sequencer},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": self.rule,
                "bucket": self._bucket(principal),
                "object": self._object(sequencer),
            },
        }
        return {"Records": [record]}

    def _bucket(self, principal: str) -> dict[str, Any]:
        arn = f"arn:aws:s3:::{self.bucket}"
        return {"name": self.bucket, "ownerIdentity": {"principalId": principal}, "arn": arn}

    def _object(self, sequencer: str) -> dict[str, Any]:
        key = quote_plus(self.key, safe="/")
        return {"key": key, "size": self.size_bytes, "eTag": self.etag.strip('"'), "sequencer": sequencer}
