"""Hostile tars: https://docs.python.org/3/library/tarfile.html#tarfile-extraction-filter, and then some."""

from __future__ import annotations

import tarfile
from typing import IO, cast

from functions.project.archives.members import Members
from functions.project.archives.meter import Meter
from functions.project.archives.streams import Stream
from functions.project.limits import CHUNK
from kernel.errors import Invalid

_REFUSED = {
    tarfile.SYMTYPE: ("symlink", "a symbolic link"),
    tarfile.LNKTYPE: ("hardlink", "a hard link"),
    tarfile.CHRTYPE: ("device", "a device"),
    tarfile.BLKTYPE: ("device", "a device"),
    tarfile.FIFOTYPE: ("fifo", "a named pipe"),
    tarfile.GNUTYPE_SPARSE: ("sparse", "a sparse file"),
}


def read(stream: Stream, members: Members, meter: Meter) -> None:
    """Add each file of the tar to `members`.

    Raises:
        Invalid, TooLarge: the code says why.
        tarfile.TarError, EOFError: it is broken.
    """
    with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r:") as tar:
        for member in tar:
            if member.isdir():
                meter.entry(0)
                members.folder(member.name)
            else:
                _read_file(stream, member, members, meter)
    _check_end(stream)


def _read_file(stream: Stream, member: tarfile.TarInfo, members: Members, meter: Meter) -> None:
    _check_type(member)
    meter.entry(member.size)
    path = members.announce(member.name, member.mode)
    data = stream.take(member.size)
    if len(data) != member.size:
        raise EOFError("the tar ends within a file")
    meter.content(len(data), len(data))
    members.add(path, member.mode, data)


def _check_type(member: tarfile.TarInfo) -> None:
    code, what = _REFUSED.get(member.type, ("special_file", "no regular file"))
    if member.issparse():
        code, what = _REFUSED[tarfile.GNUTYPE_SPARSE]
    elif member.type in (tarfile.REGTYPE, tarfile.AREGTYPE):
        if member.size >= 0:
            return
        code, what = "lying_size", "a file of negative size"
    raise Invalid(f"{member.name[:120]!a} is {what}", code=code)


def _check_end(stream: Stream) -> None:
    """tarfile takes a cut or broken header for the end; the real end is zeros up to the last byte."""
    if stream.last != b"\0" * tarfile.BLOCKSIZE:
        raise EOFError("the tar has no end mark")
    while rest := stream.take(CHUNK):
        if rest.count(0) != len(rest):
            raise Invalid("something follows the end of the tar", code="trailing_data")
