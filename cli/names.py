"""Which files the server takes, so that one that it would refuse is listed instead of stopping the rest.

The same rule as `functions/project/paths.py` and `limits.py`; a test holds the two together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LARGEST_FILE_BYTES = 50_000_000
LARGEST_TREE_BYTES = 200_000_000
MOST_FILES = 20_000
LONGEST_PATH, LONGEST_NAME = 1_024, 255  # bytes
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])$", re.IGNORECASE)
_DRIVE = re.compile(r"^[A-Za-z]:")


def printable(name: bytes) -> str:
    """A name that may be no UTF-8, for a person to read."""
    return name.decode("utf-8", "backslashreplace")


def refusal_of_name(name: bytes) -> str | None:
    """Why a path, as the file system has it, cannot be published; None when it can."""
    try:
        path = name.decode("utf-8")
    except UnicodeDecodeError:
        return "its name is not UTF-8"
    if len(name) > LONGEST_PATH:
        return f"its path is longer than {LONGEST_PATH:,} bytes"
    if _CONTROL.search(path):
        return "its name has control characters"
    if "\\" in path:
        return "its name has a backslash"
    if _DRIVE.match(path):
        return "its name begins like a drive"
    return next((reason for part in path.split("/") if (reason := _refusal_of_part(part))), None)


def _refusal_of_part(part: str) -> str | None:
    if part in ("", ".", ".."):
        return "its path is not a plain one"
    if len(part.encode()) > LONGEST_NAME:
        return f"a part of its path is longer than {LONGEST_NAME} bytes"
    if part[-1] in ". " or _RESERVED.match(part):
        return "its name is one that not every system can store"
    return None


def refusal_of_size(size_bytes: int) -> str | None:
    """Why a file of this size cannot be published; None when it can."""
    if size_bytes > LARGEST_FILE_BYTES:
        return f"it is larger than {LARGEST_FILE_BYTES / 1e6:.0f} MB ({size_bytes:,} bytes)"
    return None


def clashes(paths: Iterable[str]) -> dict[str, str]:
    """Paths that cannot live beside the others on every system, each with the reason. `paths` come in their order."""
    files: set[str] = set()
    folders: set[str] = set()
    found: dict[str, str] = {}
    for path in paths:
        key = unicodedata.normalize("NFC", path).casefold()
        above = set(_folders(key))
        if key in files:
            found[path] = "its name differs from another one only in case or in Unicode form"
        elif key in folders or above & files:
            found[path] = "its name is a file's and a folder's"
        else:
            files.add(key)
            folders |= above
    return found


def _folders(key: str) -> Iterable[str]:
    folder = key.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
