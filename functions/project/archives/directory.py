"""The central directory of a zip, bounded before zipfile builds an object for each of its entries.

APPNOTE 4.3: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

from __future__ import annotations

import struct
from typing import IO, NamedTuple

from functions.project.limits import LARGEST_DIRECTORY, MOST_FILES
from kernel.errors import Invalid, TooLarge

_END = struct.Struct("<4s4H2LH")
_END_64_PLACE = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s24x3H12x")
_LONGEST_COMMENT = 0xFFFF
_UNKNOWN = 0xFFFFFFFF


class Directory(NamedTuple):
    """Where the directory begins, its size and the number of entries that it really holds."""

    offset: int
    size_bytes: int
    entries: int


def locate(file: IO[bytes], file_bytes: int) -> Directory:
    """Raises Invalid (`malformed_archive`, `truncated`) or TooLarge (`too_many_files`)."""
    tail_bytes = min(file_bytes, _END.size + _LONGEST_COMMENT)
    file.seek(file_bytes - tail_bytes)
    tail = file.read(tail_bytes)
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _END.size:
        raise Invalid("the zip ends without its directory", code="truncated")
    _, disk, start, _, _, size_bytes, offset, comment = _END.unpack_from(tail, found)
    end = file_bytes - tail_bytes + found
    if disk or start or end + _END.size + comment != file_bytes:
        raise _malformed("has several parts, or something behind its end")
    if _UNKNOWN in (size_bytes, offset) or _has_64(file, end):
        end, size_bytes, offset = _locate_64(file, end)
    if offset + size_bytes != end:
        raise _malformed("has something before its beginning, or a directory that is not where it says")
    return Directory(offset, size_bytes, _count(file, offset, size_bytes))


def _has_64(file: IO[bytes], end: int) -> bool:
    file.seek(max(end - _END_64_PLACE.size, 0))
    return file.read(4) == b"PK\x06\x07"


def _locate_64(file: IO[bytes], end: int) -> tuple[int, int, int]:
    """End, size and offset of the directory of a zip64."""
    if end < _END_64_PLACE.size + _END_64.size:
        raise _malformed("says that it is a zip64 and is not")
    file.seek(end - _END_64_PLACE.size)
    mark, _, place, _ = _END_64_PLACE.unpack(file.read(_END_64_PLACE.size))
    if mark != b"PK\x06\x07" or place != end - _END_64_PLACE.size - _END_64.size:
        raise _malformed("says that it is a zip64 and is not")
    file.seek(place)
    mark, _, _, _, _, _, _, _, size_bytes, offset = _END_64.unpack(file.read(_END_64.size))
    if mark != b"PK\x06\x06":
        raise _malformed("says that it is a zip64 and is not")
    return place, size_bytes, offset


def _count(file: IO[bytes], offset: int, size_bytes: int) -> int:
    """Walk the entries as zipfile will; the number that the zip declares is not asked."""
    if size_bytes > LARGEST_DIRECTORY:
        raise TooLarge(f"the zip's directory has more than {LARGEST_DIRECTORY} bytes", code="too_many_files")
    file.seek(offset)
    directory, place, entries = file.read(size_bytes), 0, 0
    while place < len(directory):
        if len(directory) - place < _ENTRY.size:
            raise _malformed("has a broken directory")
        mark, name, extra, comment = _ENTRY.unpack_from(directory, place)
        if mark != b"PK\x01\x02":
            raise _malformed("has a broken directory")
        place += _ENTRY.size + name + extra + comment
        entries += 1
        if entries > MOST_FILES:
            raise TooLarge(f"the archive has more than {MOST_FILES} entries", code="too_many_files")
    return entries


def _malformed(what: str) -> Invalid:
    return Invalid(f"the zip {what}", code="malformed_archive")
