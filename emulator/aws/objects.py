"""S3 on the edge port: requests go to the object store, signed again where its keys are not the caller's.

A caller that signs with the store's own keys is passed on with its Host, so the store checks the signature itself.
Any other caller was let in by this port; its request is signed with the store's keys. A bucket in the name of the
host moves to the path.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from emulator.aws import chunked
from emulator.aws.forward import Forwarder
from emulator.aws.places import hosted, place
from emulator.aws.signatures import presigned_v2
from emulator.aws.sigv4 import sign
from emulator.options import S3Access
from emulator.template.model import REGION
from emulator.web.messages import Pairs, Request, Response

_OF_THE_SIGNATURE = frozenset(
    {
        "authorization", "connection", "content-length", "expect", "host", "transfer-encoding", "x-amz-content-sha256", "x-amz-date",
        "x-amz-decoded-content-length", "x-amz-security-token", "x-amz-trailer", "x-amz-sdk-checksum-algorithm",
    }
)  # fmt: skip
_CHUNKED = "STREAMING-"
_VERSION_2 = ("AWSAccessKeyId", "Signature", "Expires")


class Objects:
    """The object store behind the edge port."""

    def __init__(self, access: S3Access, forwarder: Forwarder) -> None:
        self._access, self._forwarder = access, forwarder

    async def send(self, request: Request, access_key: str) -> Response:
        """Pass a request on.

        Args:
            access_key: Of whoever signed it.

        Raises:
            BadChunks: the body is malformed. Unreachable: the store does not answer. TooLarge: it answers too much.
        """
        own = access_key == self._access.access_key and hosted(request) is None and presigned_v2(request) is None
        return await self._forwarder.send(self._access.endpoint, request if own else self._signed_again(request))

    def _signed_again(self, request: Request) -> Request:
        body, trailers = _content(request)
        url = urlsplit(self._access.endpoint)
        headers = [("Host", url.netloc), *_kept(request.headers), *trailers]
        passed = Request(request.method, path_of(request), _query(request.query), headers, body)
        keys = (self._access.access_key, self._access.secret_key)
        passed.headers = sign(passed, credentials=keys, region=REGION, service="s3", now=time.time())
        return passed


def path_of(request: Request) -> str:
    """Return the path with the bucket in it."""
    if hosted(request) is None:
        return request.path
    bucket, key = place(request)
    return f"/{bucket}/{key}"


def _content(request: Request) -> tuple[bytes, Pairs]:
    kind = request.header("x-amz-content-sha256") or ""
    return chunked.decode(request.body) if kind.startswith(_CHUNKED) else (request.body, [])


def _kept(headers: Pairs) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        lowered = name.lower()
        if lowered == "content-encoding":
            left = [part.strip() for part in value.split(",") if part.strip() != "aws-chunked"]
            if left:
                yield name, ", ".join(left)
        elif lowered not in _OF_THE_SIGNATURE:
            yield name, value


def _query(query: str) -> str:
    """Return the parameters without those of a presigned URL."""
    parts = ((unquote(part.partition("=")[0]), part) for part in query.split("&"))
    return "&".join(part for name, part in parts if not name.startswith("X-Amz-") and name not in _VERSION_2)
