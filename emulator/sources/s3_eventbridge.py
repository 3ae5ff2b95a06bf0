"""Events of buckets on the default event bus, where `EventBridgeConfiguration` asks for them.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from emulator.template.model import ACCOUNT, REGION, AwsResource

_KINDS: Mapping[str, tuple[str, dict[str, str]]] = {
    "ObjectCreated:Put": ("Object Created", {"reason": "PutObject"}),
    "ObjectCreated:Post": ("Object Created", {"reason": "POST Object"}),
    "ObjectCreated:Copy": ("Object Created", {"reason": "CopyObject"}),
    "ObjectCreated:CompleteMultipartUpload": ("Object Created", {"reason": "CompleteMultipartUpload"}),
    "ObjectRemoved:Delete": (
        "Object Deleted",
        {"reason": "DeleteObject", "deletion-type": "Permanently Deleted"},
    ),
    "ObjectRemoved:DeleteMarkerCreated": (
        "Object Deleted",
        {"reason": "DeleteObject", "deletion-type": "Delete Marker Created"},
    ),
    "ObjectTagging:Put": ("Object Tags Added", {}),
    "ObjectTagging:Delete": ("Object Tags Deleted", {}),
    "ObjectAcl:Put": ("Object ACL Updated", {}),
}
_FIELDS = {"size": "size", "eTag": "etag", "versionId": "version-id", "sequencer": "sequencer"}


def bridged(resources: Iterable[AwsResource]) -> frozenset[str]:
    """Return the names of the buckets whose events go to the event bus."""
    return frozenset(each.name for each in resources if each.kind == "AWS::S3::Bucket" and _asks(each.properties))


def _asks(properties: Mapping[str, Any]) -> bool:
    wanted = (properties.get("NotificationConfiguration") or {}).get("EventBridgeConfiguration")
    return isinstance(wanted, Mapping) and str(wanted.get("EventBridgeEnabled", True)).lower() != "false"


def event_of(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the event of a record in S3's words, or None for one that EventBridge does not get."""
    kind = _KINDS.get(record["eventName"])
    if kind is None:
        return None
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind[0],
        "source": "aws.s3",
        "account": ACCOUNT,
        "time": f"{str(record['eventTime'])[:19]}Z",
        "region": REGION,
        "resources": [record["s3"]["bucket"]["arn"]],
        "detail": _detail(record, kind[1]),
    }


def _detail(record: Mapping[str, Any], more: Mapping[str, str]) -> dict[str, Any]:
    given = record["s3"]["object"]
    return {
        "version": "0",
        "bucket": {"name": record["s3"]["bucket"]["name"]},
        "object": {
            "key": unquote_plus(given["key"]),
            **{name: given[field] for field, name in _FIELDS.items() if field in given},
        },
        "request-id": record["responseElements"]["x-amz-request-id"],
        "requester": ACCOUNT,
        "source-ip-address": record["requestParameters"]["sourceIPAddress"],
        **more,
    }
