"""One door for all formats: an archive on disk becomes files, their blobs packed, or nothing."""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from functions.project.archives import tars, zips
from functions.project.archives.members import Members
from functions.project.archives.meter import Meter
from functions.project.archives.streams import Stream, decompressed, kind_of
from functions.project.model import Tree
from functions.project.packs import Packer
from functions.project.paths import without_common_folder
from kernel.errors import Invalid

_ENDINGS = {
    ".zip": "zip",
    ".tar": "tar",
    ".tar.gz": "gz",
    ".tgz": "gz",
    ".tar.bz2": "bz2",
    ".tbz2": "bz2",
    ".tar.xz": "xz",
    ".txz": "xz",
}


def read(path: Path, *, filename: str, packer: Packer, clock: Callable[[], float]) -> Tree:
    """The files of an archive; their content is in `packer`.

    A single top-level folder that holds everything (`requests-2.32/`) is not part of the paths. `filename` may
    be empty; if it has an archive's ending, the content must be of that kind.

    Raises:
        Invalid, TooLarge: the code says why; nothing of the archive counts.
    """
    kind, size_bytes = kind_of(path), path.stat().st_size
    promised = next((kind for ending, kind in _ENDINGS.items() if filename.lower().endswith(ending)), kind)
    if promised != kind:
        raise Invalid(f"the content is {kind}, the name says {promised}", code="format_mismatch")
    meter, members = Meter(size_bytes, clock), Members.into(packer)
    with path.open("rb") as file, _broken_is_invalid():
        if kind == "zip":
            zips.read(file, size_bytes, members, meter)
        else:
            tars.read(Stream(decompressed(file, kind), meter), members, meter)
    members.names.check()
    skip = without_common_folder(file.path for file in members.files)
    return Tree.of(replace(file, path=file.path[skip:]) for file in members.files)


@contextmanager
def _broken_is_invalid() -> Iterator[None]:
    try:
        yield
    except EOFError as cut:
        raise Invalid("the archive ends too soon", code="truncated") from cut
    except tarfile.ReadError as bad:
        code = "truncated" if "unexpected end of data" in str(bad) else "malformed_archive"
        raise Invalid("the archive cannot be read", code=code) from bad
    except OSError as bad:
        if bad.errno is not None:  # the disk, not the archive
            raise
        code = "bad_crc" if "CRC" in str(bad) else "malformed_archive"
        raise Invalid("the archive cannot be decompressed", code=code) from bad
    except _BROKEN as bad:
        raise Invalid("the archive cannot be read", code="malformed_archive") from bad


_BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, ValueError, OverflowError, RuntimeError)
