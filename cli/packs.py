"""Groups blobs into packs: uncompressed tars whose members are named by their content's SHA-256."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from cli.tree import File

LARGEST_PACK_BYTES = 8 << 20  # a larger blob travels alone
_BLOCK = 512
_END_BYTES = 2 * _BLOCK


@dataclass(frozen=True, slots=True)
class Pack:
    """The bytes of a tar; equal blobs in equal order make equal bytes."""

    content: bytes = field(repr=False)
    sha256: str


def plan(files: Iterable[File], largest_bytes: int = LARGEST_PACK_BYTES) -> Iterator[list[File]]:
    """Group files, one for each content, so that each group's pack is within the limit."""
    seen: set[str] = set()
    group: list[File] = []
    size_bytes = _END_BYTES
    for file in files:
        if file.sha256 in seen:
            continue
        seen.add(file.sha256)
        if group and size_bytes + member_bytes(file.size_bytes) > largest_bytes:
            yield group
            group, size_bytes = [], _END_BYTES
        group.append(file)
        size_bytes += member_bytes(file.size_bytes)
    if group:
        yield group


def member_bytes(size_bytes: int) -> int:
    """What a blob takes in a tar: a header and whole blocks."""
    return _BLOCK + -(-size_bytes // _BLOCK) * _BLOCK


def build(group: Iterable[File], read: Callable[[File], bytes]) -> Pack:
    """Make a pack. Raises what `read` raises."""
    target = io.BytesIO()
    for file in group:
        content = read(file)
        header = tarfile.TarInfo(file.sha256)
        header.size, header.mode = len(content), 0o644
        target.write(header.tobuf(tarfile.USTAR_FORMAT))
        target.write(content)
        target.write(bytes(-len(content) % _BLOCK))
    target.write(bytes(_END_BYTES))
    packed = target.getvalue()
    return Pack(packed, hashlib.sha256(packed).hexdigest())
