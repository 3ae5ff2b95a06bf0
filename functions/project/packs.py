"""Packs: many small blobs as one object.

A pack is a plain uncompressed tar whose members are regular files, each named by the SHA-256 of its content in
lower-case hexadecimal. A blob is then (object, offset, size), one range request away. The same blobs in the
same order make the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from functions.project.limits import CHUNK, LARGEST_FILE, MOST_FILES, PACK_TARGET
from kernel.errors import Invalid, TooLarge

_NAME = re.compile(r"^[0-9a-f]{64}$")
_END = b"\0" * (2 * tarfile.BLOCKSIZE)


@dataclass(frozen=True, slots=True)
class Packed:
    """A blob and where in its pack its bytes begin."""

    sha256: str
    size_bytes: int
    offset: int


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack on disk; `id` is the SHA-256 of its bytes."""

    id: str
    path: Path
    blobs: tuple[Packed, ...]


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(path: Path) -> Pack:
    """The blobs of a pack, each verified against its name.

    Raises:
        Invalid: it is no pack (`malformed_pack`, `truncated_pack`), or content and name differ (`wrong_blob_hash`).
        TooLarge: too many blobs, or too large ones.
    """
    try:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as tar:
            blobs = _members(file, tar)
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as bad:
        raise Invalid("the pack is not a plain tar", code="malformed_pack") from bad
    return Pack(sha256_of(path), path, blobs)


def _members(file: IO[bytes], tar: tarfile.TarFile) -> tuple[Packed, ...]:
    found: dict[str, Packed] = {}
    for member in tar:
        if len(found) >= MOST_FILES:
            raise TooLarge(f"a pack holds at most {MOST_FILES} blobs", code="too_many_files")
        if member.name in found:
            raise Invalid("a blob occurs twice in its pack", code="malformed_pack")
        found[member.name] = _verified(file, member)
    _check_end(file, tar.offset)
    return tuple(found.values())


def _verified(file: IO[bytes], member: tarfile.TarInfo) -> Packed:
    plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()
    if not plain or not _NAME.match(member.name) or member.size < 0:
        raise Invalid("a pack holds only files named by their SHA-256", code="malformed_pack")
    if member.size > LARGEST_FILE:
        raise TooLarge(f"a file has at most {LARGEST_FILE} bytes", code="file_too_large")
    file.seek(member.offset_data)
    digest, left = hashlib.sha256(), member.size
    while left:
        chunk = file.read(min(left, CHUNK))
        if not chunk:
            raise Invalid("the pack ends within a blob", code="truncated_pack")
        digest.update(chunk)
        left -= len(chunk)
    if digest.hexdigest() != member.name:
        raise Invalid(f"blob {member.name} has other content than its name says", code="wrong_blob_hash")
    return Packed(member.name, member.size, member.offset_data)


def _check_end(file: IO[bytes], offset: int) -> None:
    """tarfile takes a cut or broken header for the end; the real end is a block of zeros."""
    file.seek(offset)
    if file.read(tarfile.BLOCKSIZE) != b"\0" * tarfile.BLOCKSIZE:
        raise Invalid("the pack ends without its end mark", code="truncated_pack")


@dataclass(slots=True)
class _Open:
    file: IO[bytes]
    path: Path
    blobs: list[Packed] = field(default_factory=list)


class Packer:
    """Writes blobs into packs of about 8 MiB in `folder`; each content once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[str] = set()
        self._open: _Open | None = None
        self._done: list[Pack] = []

    def add(self, data: bytes) -> str:
        """Add a blob and return its SHA-256."""
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 in self._seen:
            return sha256
        self._seen.add(sha256)
        if self._open is not None and self._open.file.tell() + len(data) > PACK_TARGET:
            self._close(self._open)
        open_ = self._open = self._open or self._begin()
        member = tarfile.TarInfo(sha256)
        member.size = len(data)
        open_.file.write(member.tobuf(tarfile.USTAR_FORMAT))
        open_.blobs.append(Packed(sha256, len(data), open_.file.tell()))
        open_.file.write(data)
        open_.file.write(b"\0" * (-len(data) % tarfile.BLOCKSIZE))
        return sha256

    def finish(self) -> tuple[Pack, ...]:
        """Complete the last pack and return all of them."""
        if self._open is not None:
            self._close(self._open)
        return tuple(self._done)

    def abandon(self) -> None:
        """Close the open file, if any; nothing of it counts."""
        if self._open is not None:
            self._open.file.close()
            self._open = None

    def _begin(self) -> _Open:
        path = self._folder / f"{len(self._done)}.tar"
        return _Open(path.open("wb"), path)

    def _close(self, open_: _Open) -> None:
        open_.file.write(_END)
        open_.file.close()
        self._done.append(Pack(sha256_of(open_.path), open_.path, tuple(open_.blobs)))
        self._open = None
