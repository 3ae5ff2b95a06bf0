"""Who sent a request: reads its signature, and verifies it where that is asked for.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import parse_qsl, unquote

from emulator.aws.sigv4 import ALGORITHM, UNSIGNED, Scope, Signed, payload_hash, signature, when
from emulator.template.model import REGION
from emulator.web.messages import Request

_MAX_SKEW_S = 300
_MAX_EXPIRES_S = 604_800
_NO_MATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)


class BadSignature(Exception):
    """A request is refused. `code` is what the Lambda API calls the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose credentials signed a request, and for which service."""

    access_key: str
    service: str
    region: str


class Verify(Protocol):
    """Tells who sent a request."""

    def __call__(self, request: Request) -> Caller:
        """Return the caller.

        Raises:
            BadSignature: the signature is missing, malformed, of nobody known, outdated or wrong.
        """
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """A signature as a request carries it. `expires_s` is None outside presigned URLs."""

    scope: Scope
    names: tuple[str, ...]
    signature: str
    moment: str
    expires_s: int | None = None


def read(request: Request) -> Given:
    """Return the signature of a request.

    Raises:
        BadSignature: there is none, or a part of it is missing.
    """
    header = request.header("authorization")
    query = dict(parse_qsl(request.query, keep_blank_values=True)) if "X-Amz-" in request.query else {}
    if header is None and "X-Amz-Signature" in query:
        return _presigned(query)
    if header is None or not header.startswith(ALGORITHM):
        raise BadSignature("MissingAuthenticationTokenException", "Missing Authentication Token")
    parts = (part.strip().partition("=") for part in header.removeprefix(ALGORITHM).split(","))
    fields = {name: value for name, _, value in parts}
    moment = request.header("x-amz-date") or request.header("date") or ""
    names = tuple(fields.get("SignedHeaders", "").lower().split(";"))
    return _given(fields.get("Credential", ""), names, fields.get("Signature", ""), moment)


def presigned_v2(request: Request) -> str | None:
    """Return the access key id of a URL that is presigned by Signature Version 2."""
    if "AWSAccessKeyId=" not in request.query:
        return None
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    return query["AWSAccessKeyId"] if "Signature" in query and "Expires" in query else None


def _presigned(query: Mapping[str, str]) -> Given:
    try:
        expires_s = int(query.get("X-Amz-Expires", ""))
    except ValueError as wrong:
        raise _incomplete("X-Amz-Expires") from wrong
    if query.get("X-Amz-Algorithm") != ALGORITHM or not 0 <= expires_s <= _MAX_EXPIRES_S:
        raise _incomplete("X-Amz-Algorithm or X-Amz-Expires")
    names = tuple(query.get("X-Amz-SignedHeaders", "").lower().split(";"))
    return _given(
        query.get("X-Amz-Credential", ""), names, query["X-Amz-Signature"], query.get("X-Amz-Date", ""), expires_s
    )


def _given(credential: str, names: tuple[str, ...], made: str, moment: str, expires_s: int | None = None) -> Given:
    parts = credential.rsplit("/", 4)
    if len(parts) != 5 or parts[4] != "aws4_request" or not made or "host" not in names:
        raise _incomplete("Credential, SignedHeaders or Signature")
    return Given(Scope(*parts[:4]), names, made, moment, expires_s)


def _incomplete(what: str) -> BadSignature:
    return BadSignature("IncompleteSignatureException", f"Authorization header requires a valid {what}.")


def present(request: Request) -> Caller:
    """Return who a request says it is from; that it is signed is all that is asked for.

    boto3 still makes presigned URLs of S3 by Signature Version 2, so these count too.

    Raises:
        BadSignature: the signature is missing or malformed.
    """
    if (key := presigned_v2(request)) is not None:
        return Caller(key, "s3", REGION)
    scope = read(request).scope
    return Caller(scope.access_key, scope.service, scope.region)


def verify(request: Request, secrets: Mapping[str, str], now: float) -> Caller:
    """Return who sent a request, once its signature is found to be right.

    Args:
        secrets: The secret of each access key id.
        now: Seconds since 1970.

    Raises:
        BadSignature: the signature is missing, malformed, of nobody known, outdated or wrong.
    """
    given = read(request)
    _check_time(given, now)
    secret = secrets.get(given.scope.access_key)
    if secret is None:
        raise BadSignature("UnrecognizedClientException", "The security token included in the request is invalid.")
    query = request.query if given.expires_s is None else _without_signature(request.query)
    signed = Signed(request.method, request.path, query, request.headers, _content(request, given))
    right = signature(signed, given.names, given.scope, given.moment, secret)
    if not hmac.compare_digest(right, given.signature) or not _covered(request, given):
        raise BadSignature("InvalidSignatureException", _NO_MATCH)
    return Caller(given.scope.access_key, given.scope.service, given.scope.region)


def _check_time(given: Given, now: float) -> None:
    try:
        at = datetime.strptime(given.moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError as wrong:
        raise _incomplete("X-Amz-Date") from wrong
    if given.moment[:8] != given.scope.date:
        raise BadSignature(
            "InvalidSignatureException", "Date in Credential scope does not match YYYYMMDD from ISO-8601"
        )
    if given.expires_s is not None and now > at + given.expires_s:
        raise BadSignature("AccessDenied", "Request has expired")
    if given.expires_s is None and now - at > _MAX_SKEW_S:
        limit = f"{when(now - _MAX_SKEW_S)} ({when(now)} - 5 min.)"
        raise BadSignature(
            "InvalidSignatureException", f"Signature expired: {given.moment} is now earlier than {limit}"
        )
    if at - now > _MAX_SKEW_S:
        limit = f"{when(now + _MAX_SKEW_S)} ({when(now)} + 5 min.)"
        raise BadSignature(
            "InvalidSignatureException", f"Signature not yet current: {given.moment} is still later than {limit}"
        )


def _content(request: Request, given: Given) -> str:
    """Return the hash of the body that was signed, after comparing it with the body.

    Chunks that are signed one by one are not verified one by one: their first signature covers the headers.
    """
    claimed = request.header("x-amz-content-sha256")
    if given.expires_s is not None and given.scope.service == "s3":
        return claimed or UNSIGNED
    if (
        claimed is not None
        and given.scope.service == "s3"
        and (claimed == UNSIGNED or claimed.startswith("STREAMING-"))
    ):
        return claimed
    found = payload_hash(request.body)
    if claimed is not None and not hmac.compare_digest(claimed.lower(), found):
        raise BadSignature("InvalidSignatureException", "The body is not the one that was signed.")
    return found


def _covered(request: Request, given: Given) -> bool:
    """Tell whether every header that decides something was signed; presigned URLs sign what the client may send."""
    decisive = (name.lower() for name, _ in request.headers if name.lower().startswith("x-amz-"))
    allowed = {"x-amz-content-sha256"} if given.expires_s is not None else set()
    return all(name in given.names or name in allowed for name in decisive)


def _without_signature(query: str) -> str:
    return "&".join(part for part in query.split("&") if unquote(part.partition("=")[0]) != "X-Amz-Signature")
