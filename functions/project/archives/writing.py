"""Archives that are the same bytes for the same files: no clock, no owner, one order.

Contents come in the order of packs and go out in the order of paths: between the two they lie in one file on disk,
so that memory holds a single content. Paths keep the rules of `paths`, so no reader is led out of its folder.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from functions.project.exports import Format

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # a zip knows no earlier one
LEVEL = 6
Member = tuple[str, str, bytes]  # path, mode, content


@dataclass(slots=True)
class Spool:
    """Contents on disk, by their SHA-256."""

    file: IO[bytes]
    places: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, sha256: str, content: bytes) -> None:
        self.places[sha256] = self.file.tell(), len(content)
        self.file.write(content)

    def get(self, sha256: str) -> bytes:
        offset, size = self.places[sha256]
        self.file.seek(offset)
        return self.file.read(size)


@contextmanager
def spooled(path: Path) -> Iterator[Spool]:
    with path.open("w+b") as file:
        yield Spool(file)


def write(path: Path, format: Format, members: Iterable[Member]) -> None:
    """Write an archive of `members`, in their order."""
    (_write_zip if format is Format.ZIP else _write_tar)(path, members)


def _write_zip(path: Path, members: Iterable[Member]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name, mode, content in members:
            about = zipfile.ZipInfo(name, FIRST_DAY)
            about.create_system = 3  # Unix, whose modes these are
            about.external_attr = int(mode, 8) << 16
            about.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(about, content)


def _write_tar(path: Path, members: Iterable[Member]) -> None:
    with (
        path.open("wb") as file,
        gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, mode, content in members:
            about = tarfile.TarInfo(name)
            about.size, about.mode = len(content), int(mode, 8) & 0o777
            archive.addfile(about, io.BytesIO(content))
