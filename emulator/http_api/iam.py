"""Requests signed with AWS Signature Version 4.

On loopback a signature must be there and well formed; whether it is right is told by another `Verify`, if one is given.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from emulator.http_api.event import query_of
from emulator.template.model import ACCOUNT
from emulator.web.messages import Request

_KEY, _SCOPE = r"(?P<key>[A-Za-z0-9]+)", r"\d{8}/[a-z0-9-]+/(?P<service>[a-z0-9-]+)/aws4_request"
_HEADER = re.compile(
    rf"AWS4-HMAC-SHA256 +Credential={_KEY}/{_SCOPE}, *SignedHeaders=[a-z0-9;_-]+, *Signature=[0-9a-f]{{64}}"
)
_CREDENTIAL = re.compile(rf"{_KEY}/{_SCOPE}")
_SIGNATURE = re.compile("[0-9a-f]{64}")


class Verify(Protocol):
    """Tells who signed a request."""

    def __call__(self, request: Request, service: str) -> str | None:
        """Return the access key of a request signed for a service, or None if it is not acceptable."""
        ...


def well_formed(request: Request, service: str) -> str | None:
    """Accept every signature for the service that is complete, in the header or in the query."""
    if (given := request.header("authorization")) is not None:
        found = _HEADER.fullmatch(given.strip())
        dated = request.header("x-amz-date") or request.header("date")
        return found["key"] if found and dated and found["service"] == service else None
    query = query_of(request.query)
    found = _CREDENTIAL.fullmatch(query.get("X-Amz-Credential", ""))
    signed = query.get("X-Amz-Algorithm") == "AWS4-HMAC-SHA256" and "X-Amz-Date" in query
    if not found or not signed or not _SIGNATURE.fullmatch(query.get("X-Amz-Signature", "")):
        return None
    return found["key"] if found["service"] == service else None


def caller(access_key: str) -> Mapping[str, Any]:
    """Describe who signed: here it is always the account itself."""
    return {
        "accessKey": access_key,
        "accountId": ACCOUNT,
        "callerId": ACCOUNT,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": f"arn:aws:iam::{ACCOUNT}:root",
        "userId": ACCOUNT,
    }
