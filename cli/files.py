"""Small private files: replaced whole, readable by their owner only, changed by one process at a time."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli.errors import UserError


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in `path`; empty when there is none or it is not one.

    Raises:
        UserError: the file is there but may not be read.
    """
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    except OSError as refused:
        raise UserError(f"{path} cannot be read: {refused.strerror}.") from refused
    return found if isinstance(found, dict) else {}


def write_object(path: Path, content: Mapping[str, Any], *, mode: int = 0o600) -> None:
    """Replace `path` in one step by a JSON object.

    Raises:
        UserError: it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
        beside.replace(path)
    except OSError as refused:
        raise UserError(f"{path} cannot be written: {refused.strerror}.") from refused


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for whoever holds it; the kernel drops it with the process.

    Raises:
        UserError: it cannot be made.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as refused:
        raise UserError(f"{path} cannot be written: {refused.strerror}.") from refused
    try:
        _take(handle)
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> None:
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
