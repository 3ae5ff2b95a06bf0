"""Decompressed bytes, front to back, each counted before anyone sees it."""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path
from typing import IO, Protocol

from functions.project.archives.meter import Meter
from functions.project.limits import CHUNK, LARGEST_TAR_HEADER, XZ_MEMORY
from kernel.errors import Invalid, TooLarge


class Readable(Protocol):
    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end. Raises EOFError if the end comes too soon."""
        ...


class Xz:
    """Like `lzma.open`, but a stream cannot make us allocate what it likes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._stream = self._begin()

    def read(self, size: int, /) -> bytes:
        while True:
            if self._stream.eof and not self._next():
                return b""
            data = self._file.read(CHUNK) if self._stream.needs_input else b""
            if self._stream.needs_input and not data:
                raise EOFError("the xz stream ends too soon")
            if found := self._stream.decompress(data, size):
                return found

    def _next(self) -> bool:
        """Go on to a stream behind the one that ended, if there is one."""
        rest = self._stream.unused_data or self._file.read(CHUNK)
        if not rest:
            return False
        self._stream = self._begin()
        self._file.seek(-len(rest), 1)
        return True

    def _begin(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)


class Stream:
    """What tarfile reads from: forwards only, and a header never larger than a header may be."""

    def __init__(self, source: Readable, meter: Meter) -> None:
        self._source = source
        self._meter = meter
        self._position = 0
        self.last = b""

    def read(self, size: int = -1, /) -> bytes:
        """What tarfile wants of a header. Raises TooLarge."""
        if not 0 <= size <= LARGEST_TAR_HEADER:
            raise TooLarge(f"the archive has a header of more than {LARGEST_TAR_HEADER} bytes", code="header_too_large")
        self.last = self.take(size)
        return self.last

    def take(self, size: int) -> bytes:
        """`size` bytes, or fewer at the end."""
        parts: list[bytes] = []
        while size and (part := self._source.read(min(size, CHUNK))):
            self._meter.stream(len(part))
            self._position += len(part)
            size -= len(part)
            parts.append(part)
        return b"".join(parts)

    def tell(self) -> int:
        return self._position

    def seek(self, position: int, whence: int = 0, /) -> int:
        """Skip forwards to `position`. Raises Invalid for any other way."""
        if whence != 0 or position < self._position:
            raise Invalid("the archive's headers lead backwards", code="malformed_archive")
        while self._position < position and self.take(min(position - self._position, CHUNK)):
            pass
        return self._position


_MAGIC = {
    "gz": b"\x1f\x8b",
    "bz2": b"BZh",
    "xz": b"\xfd7zXZ\x00",
}
_USTAR = slice(257, 262)


def kind_of(path: Path) -> str:
    """`zip`, `gz`, `bz2`, `xz` or `tar`, by content. Raises Invalid."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    for kind, magic in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head[_USTAR] == b"ustar":
        return "tar"
    raise Invalid("this is neither a zip nor a tar (plain, gzip, bzip2 or xz)", code="unknown_format")


def decompressed(file: IO[bytes], kind: str) -> Readable:
    match kind:
        case "gz":
            return gzip.GzipFile(fileobj=file, mode="rb")
        case "bz2":
            return bz2.BZ2File(file)
        case "xz":
            return Xz(file)
    return file
