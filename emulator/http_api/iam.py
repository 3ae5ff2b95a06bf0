"""Routes and URLs with `AWS_IAM`: who signed the request, and for which service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.aws.signatures import BadSignature, Verify
from emulator.template.model import ACCOUNT
from emulator.web.messages import Request


def caller(verify: Verify, request: Request, service: str) -> Mapping[str, Any] | None:
    """Return `authorizer.iam` of a request signed for a service, or None if it is not. Here all are the account."""
    try:
        signed = verify(request)
    except BadSignature:
        return None
    if signed.service != service:
        return None
    return {
        "accessKey": signed.access_key,
        "accountId": ACCOUNT,
        "callerId": ACCOUNT,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": f"arn:aws:iam::{ACCOUNT}:root",
        "userId": ACCOUNT,
    }
