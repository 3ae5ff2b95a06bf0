"""Checks a pack before anything trusts the sizes in it.

A pack says how large each object is, and a delta how large its result will be; a reader that believes them
reserves terabytes. So each object is inflated once, in small pieces that are thrown away, and must have the size
that it says; results of deltas are bounded one by one and together.
https://git-scm.com/docs/pack-format
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from functions.project.fetching.bounds import LARGEST_OBJECT, MOST_OBJECTS, MOST_UNPACKED
from kernel.errors import Invalid, TooLarge, Unavailable

_HEADER = struct.Struct(">4sLL")
_TRAILER = 20  # SHA-1
_OFS_DELTA, _REF_DELTA = 6, 7
_KINDS = (1, 2, 3, 4, _OFS_DELTA, _REF_DELTA)
_SLICE = 64 * 1024
_HEAD_OF_DELTA = 20  # two sizes of up to 10 bytes


@dataclass(slots=True)
class _Reader:
    data: mmap.mmap
    at: int
    end: int

    def byte(self) -> int:
        if self.at >= self.end:
            raise _cut()
        self.at += 1
        return self.data[self.at - 1]


def scan(path: Path, check: Callable[[], None]) -> int:
    """Check the pack on disk and return the number of its objects; `check` raises when time is over.

    Raises:
        Invalid: it is no pack (`malformed_pack`).
        TooLarge: too many objects, or too large ones (`repository_too_large`).
        Unavailable: it ends too soon (`host_unavailable`): the host broke off.
    """
    if path.stat().st_size < _HEADER.size + _TRAILER:
        raise _cut()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        magic, version, count = _HEADER.unpack_from(data)
        if magic != b"PACK" or version not in (2, 3):
            raise _malformed()
        if count > MOST_OBJECTS:
            raise too_large(f"{count} objects, {MOST_OBJECTS} at most")
        reader, total = _Reader(data, _HEADER.size, len(data) - _TRAILER), 0
        for _ in range(count):
            check()
            total += _object(reader)
            if total > MOST_UNPACKED:
                raise too_large(f"its objects have more than {MOST_UNPACKED} bytes")
        if reader.at != reader.end:
            raise _malformed()
        return int(count)


def _object(reader: _Reader) -> int:
    """Check one object; return the bytes that it takes when it is read."""
    kind, size = _head(reader)
    if kind not in _KINDS:
        raise _malformed()
    _bounded(size)
    if kind == _OFS_DELTA:
        while reader.byte() & 0x80:
            continue
    if kind == _REF_DELTA:
        reader.at += 20
    begin = _inflate(reader, size)
    if kind not in (_OFS_DELTA, _REF_DELTA):
        return size
    result = _result_of(begin)
    _bounded(result)
    return size + result


def _head(reader: _Reader) -> tuple[int, int]:
    byte = reader.byte()
    kind, size, shift = byte >> 4 & 7, byte & 15, 4
    while byte & 0x80:
        byte = reader.byte()
        size |= (byte & 0x7F) << shift
        shift += 7
        if shift > 64:
            raise _malformed()
    return kind, size


def _inflate(reader: _Reader, size: int) -> bytes:
    """The first bytes of a stream that must have `size` bytes."""
    inflate, begin, got = zlib.decompressobj(), b"", 0
    while not inflate.eof:
        pending = inflate.unconsumed_tail or reader.data[reader.at : min(reader.at + _SLICE, reader.end)]
        if not pending:
            raise _cut()
        fresh = not inflate.unconsumed_tail
        try:
            part = inflate.decompress(pending, _SLICE)
        except zlib.error as bad:
            raise _malformed() from bad
        reader.at += len(pending) if fresh else 0
        got += len(part)
        begin = begin if len(begin) >= _HEAD_OF_DELTA else (begin + part)[:_HEAD_OF_DELTA]
        if got > size:
            raise _malformed()
    reader.at -= len(inflate.unused_data)
    if got != size:
        raise _malformed()
    return begin


def _result_of(delta: bytes) -> int:
    """The size of a delta's result: the second of the numbers it begins with."""
    at, size = 0, 0
    for _ in range(2):
        size, shift = 0, 0
        while True:
            if at >= len(delta):
                raise _malformed()
            size |= (delta[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if not delta[at - 1] & 0x80:
                break
    return size


def _bounded(size: int) -> None:
    if size > LARGEST_OBJECT:
        raise too_large(f"an object has more than {LARGEST_OBJECT} bytes")


def too_large(what: str) -> TooLarge:
    return TooLarge(f"the repository is too large: {what}", code="repository_too_large")


def _malformed() -> Invalid:
    return Invalid("the git host sent a broken pack", code="malformed_pack")


def _cut() -> Unavailable:
    return Unavailable("the git host broke off within a pack", code="host_unavailable")
