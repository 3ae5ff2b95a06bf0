"""Bodies in AWS's own chunks (`aws-chunked`), taken apart.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

from __future__ import annotations


class BadChunks(Exception):
    """The body does not consist of chunks."""


def decode(body: bytes) -> tuple[bytes, list[tuple[str, str]]]:
    """Return the content and the trailers.

    Raises:
        BadChunks: a length is missing or wrong.
    """
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\r\n", at)
        try:
            size = int(body[at:end].partition(b";")[0], 16)
        except ValueError as wrong:
            raise BadChunks("a chunk has no length") from wrong
        at = end + 2
        if end < 0 or size < 0 or at + size > len(body):
            raise BadChunks("a chunk is shorter than it says")
        if size == 0:
            return b"".join(parts), _trailers(body[at:])
        parts.append(body[at : at + size])
        at += size + 2


def _trailers(rest: bytes) -> list[tuple[str, str]]:
    lines = (line.partition(b":") for line in rest.split(b"\r\n") if b":" in line)
    return [(name.decode("latin-1").strip(), value.decode("latin-1").strip()) for name, _, value in lines]
