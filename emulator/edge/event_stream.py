"""Messages of `application/vnd.amazon.eventstream`: a prelude, headers, a payload, and a checksum of each part.

AWS: https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html; the format is that of
https://smithy.io/2.0/aws/amazon-eventstream.html
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7
_PRELUDE_BYTES, _CHECKSUM_BYTES = 12, 4


def chunk(payload: bytes) -> bytes:
    """Return a part of a function's answer as a message."""
    return _message({":event-type": "PayloadChunk", ":content-type": "application/octet-stream"}, payload)


def complete(fields: Mapping[str, str]) -> bytes:
    """Return the end of a function's answer; `fields` are ErrorCode, ErrorDetails and LogResult, as far as they apply."""
    return _message({":event-type": "InvokeComplete", ":content-type": "application/json"}, json.dumps(fields).encode())


def _message(headers: Mapping[str, str], payload: bytes) -> bytes:
    encoded = b"".join(_header(name, value) for name, value in {**headers, ":message-type": "event"}.items())
    length = _PRELUDE_BYTES + len(encoded) + len(payload) + _CHECKSUM_BYTES
    prelude = struct.pack("!II", length, len(encoded))
    whole = prelude + struct.pack("!I", zlib.crc32(prelude)) + encoded + payload
    return whole + struct.pack("!I", zlib.crc32(whole))


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return struct.pack("!B", len(key)) + key + struct.pack("!BH", _STRING, len(text)) + text
