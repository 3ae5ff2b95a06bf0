"""Signature Version 4, computed for signing and for checking.

It stands on the standard library alone: botocore would double the memory of an idle emulator.
AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from emulator.web.messages import Request

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a signature is valid for. `date` is `YYYYMMDD`."""

    access_key: str
    date: str
    region: str
    service: str

    @property
    def text(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature covers. `path` and `query` are percent-encoded, as they go over the wire."""

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    payload_hash: str


def payload_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest() if body else _EMPTY


def signature(signed: Signed, names: Iterable[str], scope: Scope, moment: str, secret: str) -> str:
    """Return the signature in hexadecimal digits.

    Args:
        names: The signed headers, in lower case.
        moment: Time of the request as `YYYYMMDDTHHMMSSZ`.
    """
    digest = hashlib.sha256(_canonical(signed, sorted(names), scope.service).encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in (scope.date, scope.region, scope.service, "aws4_request"):
        key = _mac(key, part)
    return _mac(key, f"{ALGORITHM}\n{moment}\n{scope.text}\n{digest}").hex()


def sign(
    request: Request, *, credentials: tuple[str, str], region: str, service: str, now: float
) -> list[tuple[str, str]]:
    """Return the headers of a request with a signature over all of them; `Host` must be among them.

    Args:
        credentials: Access key id and secret.
        now: Seconds since 1970.
    """
    moment, content = when(now), payload_hash(request.body)
    headers = [*request.headers, ("X-Amz-Date", moment), ("X-Amz-Content-SHA256", content)]
    names = sorted({name.lower() for name, _ in headers})
    scope = Scope(credentials[0], moment[:8], region, service)
    signed = Signed(request.method, request.path, request.query, headers, content)
    made = signature(signed, names, scope, moment, credentials[1])
    credential = f"Credential={scope.access_key}/{scope.text}"
    return [*headers, ("Authorization", f"{ALGORITHM} {credential}, SignedHeaders={';'.join(names)}, Signature={made}")]


def when(now: float) -> str:
    """Return a time in seconds since 1970 as signatures spell it."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _canonical(signed: Signed, names: Sequence[str], service: str) -> str:
    lines = [f"{name}:{_value(signed.headers, name)}" for name in names]
    return "\n".join(
        (
            signed.method,
            _path(signed.path, service),
            _query(signed.query),
            *lines,
            "",
            ";".join(names),
            signed.payload_hash,
        )
    )


def _value(headers: Sequence[tuple[str, str]], name: str) -> str:
    return ",".join(" ".join(value.split()) for given, value in headers if given.lower() == name)


def _path(path: str, service: str) -> str:
    """S3 signs the path as it is; every other service normalises it and encodes it once more."""
    if service == "s3":
        return path or "/"
    normal = posixpath.normpath(path) if path else "/"
    normal = "/" + normal.lstrip("/")
    return quote(normal + "/" if path.endswith("/") and normal != "/" else normal, safe="/-_.~")


def _query(query: str) -> str:
    pairs = (part.partition("=") for part in query.split("&") if part)
    return "&".join(f"{name}={value}" for name, _, value in sorted(pairs, key=lambda pair: (pair[0], pair[2])))
