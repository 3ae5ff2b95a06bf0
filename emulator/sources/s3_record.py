"""A record of a notification as S3 sends it, made from what MinIO or another store sent.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from emulator.template.model import REGION

_MINIO_NAMES = {"ObjectCreated:PutTagging": "ObjectTagging:Put", "ObjectCreated:DeleteTagging": "ObjectTagging:Delete"}
_NEWER = ("ObjectTagging:", "ObjectAcl:", "LifecycleExpiration:", "LifecycleTransition", "IntelligentTiering")
_RESPONSE = ("x-amz-request-id", "x-amz-id-2")
_CREATED = ("size", "eTag", "versionId", "sequencer")
_FIELDS = {
    "ObjectRemoved:Delete": ("versionId", "sequencer"),
    "ObjectRemoved:DeleteMarkerCreated": ("eTag", "versionId", "sequencer"),
    "ObjectTagging:Put": ("eTag", "versionId"),
    "ObjectTagging:Delete": ("eTag", "versionId"),
    "ObjectAcl:Put": ("eTag", "versionId"),
}
"""What is told of an object besides its key, for the events that do not tell everything."""


def normalised(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record in the words of S3; what other stores add goes, what they leave out comes."""
    given = str(record["eventName"]).removeprefix("s3:")
    name = _MINIO_NAMES.get(given, given)
    response = record.get("responseElements") or {}
    asked = record.get("requestParameters") or {}
    return {
        "eventVersion": "2.3" if name.startswith(_NEWER) else "2.1",
        "eventSource": "aws:s3",
        "awsRegion": record.get("awsRegion") or REGION,
        "eventTime": record.get("eventTime") or _now(),
        "eventName": name,
        "userIdentity": {"principalId": _principal(record)},
        "requestParameters": {"sourceIPAddress": asked.get("sourceIPAddress") or "127.0.0.1"},
        "responseElements": {key: response.get(key) or sequencer() for key in _RESPONSE},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": record["s3"].get("configurationId") or "",
            "bucket": _bucket(record),
            "object": _object(name, record["s3"]["object"]),
        },
    }


def sequencer() -> str:
    """Return a number in hexadecimal that grows with every call, for the order of events of one key."""
    return f"{time.time_ns():016X}"


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encoded(key: str) -> str:
    """Return a key as records have it: URL-encoded, but for its slashes."""
    return quote_plus(key, safe="/")


def _principal(record: Mapping[str, Any]) -> str:
    return str((record.get("userIdentity") or {}).get("principalId") or "local")


def _bucket(record: Mapping[str, Any]) -> dict[str, Any]:
    given = record["s3"]["bucket"]
    owner = (given.get("ownerIdentity") or {}).get("principalId") or _principal(record)
    return {"name": given["name"], "ownerIdentity": {"principalId": owner}, "arn": f"arn:aws:s3:::{given['name']}"}


def _object(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    known = {**given, "sequencer": given.get("sequencer") or sequencer()}
    if known.get("versionId") in ("", "null"):
        del known["versionId"]
    told = {field: known[field] for field in _FIELDS.get(name, _CREATED) if field in known}
    return {"key": encoded(unquote_plus(given["key"])), **told}
