"""Event streams that botocore reads, and bodies in AWS's chunks."""

from __future__ import annotations

import pytest
from botocore.eventstream import EventStreamBuffer

from emulator.aws.chunked import BadChunks, decode
from emulator.edge.event_stream import chunk, complete


def test_messages_are_those_that_botocore_reads():
    buffer = EventStreamBuffer()
    buffer.add_data(chunk(b"\x00binary\xff") + complete({"ErrorCode": "Unhandled"}))
    first, second = (message.to_response_dict() for message in buffer)

    assert (first["headers"][":event-type"], first["body"]) == ("PayloadChunk", b"\x00binary\xff")
    assert first["headers"][":message-type"] == "event"
    assert (second["headers"][":event-type"], second["body"]) == ("InvokeComplete", b'{"ErrorCode": "Unhandled"}')


def test_chunks_are_joined_and_trailers_kept():
    signed = (
        b"4;chunk-signature=ab\r\nWiki\r\n5\r\npedia\r\n0;chunk-signature=cd\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    )

    assert decode(signed) == (b"Wikipedia", [("x-amz-checksum-crc32", "AAAAAA==")])
    assert decode(b"0\r\n\r\n") == (b"", [])


@pytest.mark.parametrize("body", [b"", b"Wiki", b"5\r\nWiki", b"zz\r\nWiki\r\n0\r\n\r\n", b"-1\r\n\r\n"])
def test_what_is_no_chunk_is_refused(body):
    with pytest.raises(BadChunks):
        decode(body)
