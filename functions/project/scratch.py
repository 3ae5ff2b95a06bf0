"""Private space on disk for one upload, empty again afterwards, also after a process that was killed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from functions.project.limits import LEASE_S

_PREFIX = "coderev-upload-"


@contextmanager
def scratch() -> Iterator[Path]:
    """Lend a folder that only this user can read. The disk survives a process that Lambda ends for its time."""
    _clear(time.time() - LEASE_S)
    with TemporaryDirectory(prefix=_PREFIX) as name:
        yield Path(name)


def _clear(before: float) -> None:
    """Delete what processes left behind that began `before` that time (seconds since 1970)."""
    for folder in Path(gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)
