"""Hostile zips: zipfile reads the directory, all else is checked and decompressed here, on real bytes."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from functions.project.archives import directory
from functions.project.archives.members import Members
from functions.project.archives.meter import Meter
from functions.project.limits import CHUNK
from kernel.errors import Invalid

_LOCAL = struct.Struct("<4s2xH18x2H")
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # also strong encryption and a masked directory
_UTF8 = 0x800
_KINDS = {
    stat.S_IFLNK: ("symlink", "a symbolic link"),
    stat.S_IFCHR: ("device", "a device"),
    stat.S_IFBLK: ("device", "a device"),
    stat.S_IFIFO: ("fifo", "a named pipe"),
}


@dataclass(frozen=True, slots=True)
class _Entry:
    info: zipfile.ZipInfo
    begin: int
    end: int


def read(file: IO[bytes], file_bytes: int, members: Members, meter: Meter) -> None:
    """Add each file of the zip to `members`.

    Raises:
        Invalid, TooLarge: the code says why.
        zipfile.BadZipFile, zlib.error, EOFError: it is broken.
    """
    place = directory.locate(file, file_bytes)
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
    for info in infos:
        meter.entry(info.file_size)
        _check(info)
    for entry in _located(file, infos, place.offset):
        _read_entry(file, entry, members, meter)


def _check(info: zipfile.ZipInfo) -> None:
    name = ascii(info.orig_filename[:120])
    if info.flag_bits & _ENCRYPTED:
        raise Invalid(f"{name} is encrypted", code="encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Invalid(f"{name} is neither stored nor deflated", code="unsupported_compression")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        code, what = _KINDS.get(kind, ("special_file", "no regular file"))
        raise Invalid(f"{name} is {what}", code=code)
    if "\0" not in info.orig_filename and info.filename != info.orig_filename:
        raise Invalid(f"{name} has two names", code="malformed_archive")


def _located(file: IO[bytes], infos: list[zipfile.ZipInfo], end: int) -> list[_Entry]:
    """Where each entry's compressed bytes lie, in that order; no two share a byte."""
    entries = sorted((_locate(file, info) for info in infos), key=lambda entry: entry.info.header_offset)
    limits = [entry.info.header_offset for entry in entries[1:]]
    for entry, limit in zip(entries, [*limits, end], strict=False):  # of no entries the directory is the limit
        if entry.end > limit:
            raise Invalid(f"{entry.info.filename[:120]!a} overlaps what follows it", code="overlapping_entries")
    return entries


def _locate(file: IO[bytes], info: zipfile.ZipInfo) -> _Entry:
    file.seek(info.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) != _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise Invalid("the zip's directory leads to no file", code="malformed_archive")
    _, flags, name_bytes, extra_bytes = _LOCAL.unpack(header)
    name = file.read(name_bytes).decode("utf-8" if flags & _UTF8 else "cp437")
    if flags & _ENCRYPTED:
        raise Invalid(f"{name[:120]!a} is encrypted", code="encrypted")
    if name != info.orig_filename:
        raise Invalid("the zip's directory and its files differ in names", code="malformed_archive")
    begin = info.header_offset + _LOCAL.size + name_bytes + extra_bytes
    return _Entry(info, begin, begin + info.compress_size)


def _read_entry(file: IO[bytes], entry: _Entry, members: Members, meter: Meter) -> None:
    name, permissions = entry.info.orig_filename, entry.info.external_attr >> 16
    if name.endswith("/"):
        if entry.info.file_size:
            raise Invalid(f"{name[:120]!a} is a folder with content", code="malformed_archive")
        return members.folder(name)
    path = members.announce(name, permissions)
    data = _content(file, entry, meter)
    if len(data) != entry.info.file_size:
        raise Invalid(f"{path!a} has another size than the zip says", code="lying_size")
    if zlib.crc32(data) != entry.info.CRC:
        raise Invalid(f"{path!a} has another checksum than the zip says", code="bad_crc")
    return members.add(path, permissions, data)


def _content(file: IO[bytes], entry: _Entry, meter: Meter) -> bytes:
    """The real content, at most one chunk more than its bounds allow."""
    file.seek(entry.begin)
    packed = _chunks(file, entry.info.compress_size)
    parts, size = [], 0
    for part in packed if entry.info.compress_type == zipfile.ZIP_STORED else _inflated(packed):
        size += len(part)
        meter.stream(len(part))
        meter.content(len(part), size)
        parts.append(part)
    return b"".join(parts)


def _chunks(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size:
        chunk = file.read(min(size, CHUNK))
        if not chunk:
            raise EOFError("the zip ends within a file")
        size -= len(chunk)
        yield chunk


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    """The content of a DEFLATE stream in chunks; it ends where `packed` does, neither sooner nor later."""
    inflate, pending = zlib.decompressobj(-zlib.MAX_WBITS), b""
    while not inflate.eof:
        pending = pending or next(packed, b"")
        part = inflate.decompress(pending, CHUNK)  # may hold output back when its input is used up
        if not part and not pending:
            raise Invalid("a file in the zip ends too soon", code="lying_size")
        pending = inflate.unconsumed_tail
        yield part
    if inflate.unused_data or next(packed, b""):
        raise Invalid("a file in the zip has more bytes than it uses", code="lying_size")
