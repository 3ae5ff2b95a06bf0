"""One emulator a data folder: a second one would end the first one's processes as survivors."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self


class DataInUse(Exception):
    """Another emulator holds the folder."""


class DataLock:
    """Held by the kernel for the life of the process, so that a crash leaves nothing stale."""

    def __init__(self, data: Path) -> None:
        self._path = data / "emulator" / "lock"
        self._file = -1

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            DataInUse: it is held.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            os.close(file)
            raise DataInUse(f"{self._path.parent.parent} is in use by another emulator") from held
        self._file = file
        return self

    def __exit__(self, *_exception: object) -> None:
        os.close(self._file)
