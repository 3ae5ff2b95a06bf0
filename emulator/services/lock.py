"""One emulator for each data folder. The kernel drops the lock with the process, so a stale one never blocks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emulator.services.errors import AlreadyRunning, ServiceMissing

if sys.platform != "win32":
    import fcntl


@contextmanager
def exclusive(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold `path` for this process; `wait` for another one to let go.

    Raises:
        AlreadyRunning: another process holds it; the text names its id.
    """
    if sys.platform == "win32":
        raise ServiceMissing("services", "the URLs of all services", reason="Windows has no builds of them; WSL does")
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(handle, path, wait=wait)
        yield
    finally:
        os.close(handle)


def _take(handle: int, path: Path, *, wait: bool) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError as held:
        owner = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
        raise AlreadyRunning(f"Process {owner} already runs on {path.parent}: stop it or choose --data.") from held
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
