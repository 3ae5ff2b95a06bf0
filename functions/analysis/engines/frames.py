"""Length-prefixed messages over a pipe, with a deadline on the parent's side."""

from __future__ import annotations

import os
import select
import struct
import time
from typing import BinaryIO

_HEADER = struct.Struct("!Q")
_CHUNK = 1 << 16


class Late(Exception):
    """The deadline passed."""


class Closed(Exception):
    """The other side is gone."""


class TooLong(Exception):
    """The message is longer than the reader accepts."""


def write(stream: BinaryIO, payload: bytes) -> None:
    stream.write(_HEADER.pack(len(payload)))
    stream.write(payload)
    stream.flush()


def read(stream: BinaryIO) -> bytes | None:
    """None at the end of the stream."""
    header = stream.read(_HEADER.size)
    return stream.read(_HEADER.unpack(header)[0]) if len(header) == _HEADER.size else None


def send(descriptor: int, payload: bytes, deadline: float) -> None:
    """Write a frame to a non-blocking descriptor before `deadline` (monotonic seconds).

    Raises:
        Late, Closed.
    """
    rest = memoryview(_HEADER.pack(len(payload)) + payload)
    while rest:
        _, ready, _ = select.select((), (descriptor,), (), _left(deadline))
        if ready:
            try:
                rest = rest[os.write(descriptor, rest[:_CHUNK]) :]
            except BrokenPipeError as gone:
                raise Closed from gone


def receive(descriptor: int, limit_bytes: int, deadline: float) -> bytes:
    """Read a frame before `deadline`.

    Raises:
        Late, Closed, TooLong.
    """
    (length,) = _HEADER.unpack(_exactly(descriptor, _HEADER.size, deadline))
    if length > limit_bytes:
        raise TooLong
    return _exactly(descriptor, length, deadline)


def _exactly(descriptor: int, count: int, deadline: float) -> bytes:
    pieces: list[bytes] = []
    while count:
        ready, _, _ = select.select((descriptor,), (), (), _left(deadline))
        if ready:
            piece = os.read(descriptor, min(count, 1 << 20))
            if not piece:
                raise Closed
            pieces.append(piece)
            count -= len(piece)
    return b"".join(pieces)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Late
    return left
