"""Which paths a version may hold: the same rule for archives, packs and published lists.

Nothing is repaired: a path that two systems would read differently is refused, with a code for each reason.
Files are stored by content and never under these names, so the rule protects whoever checks a version out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from functions.project.limits import LONGEST_NAME, LONGEST_PATH
from kernel.errors import Invalid

_CONTROL = re.compile(r"[\x01-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DRIVE = re.compile(r"^[A-Za-z]:")
_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])$", re.IGNORECASE)  # `aux.c` is fine, `aux` is not
SHOWN = 120  # characters of an offending path in a message


def check_path(path: str) -> None:
    """Raises Invalid, whose code says what is wrong."""
    _check_characters(path)
    if path.startswith("/"):
        raise _bad(path, "path_absolute", "is absolute")
    if _DRIVE.match(path):
        raise _bad(path, "path_drive", "names a drive")
    if len(path.encode()) > LONGEST_PATH:
        raise _bad(path, "path_too_long", f"has more than {LONGEST_PATH} bytes")
    for name in path.split("/"):
        _check_name(path, name)


def _check_characters(path: str) -> None:
    if "\0" in path:
        raise _bad(path, "path_nul", "holds a NUL")
    if _SURROGATE.search(path):
        raise _bad(path, "path_not_utf8", "is not UTF-8")
    if _CONTROL.search(path):
        raise _bad(path, "path_control", "holds a control character")
    if "\\" in path:
        raise _bad(path, "path_backslash", "holds a backslash")


def _check_name(path: str, name: str) -> None:
    if name == "..":
        raise _bad(path, "path_traversal", "leads upwards")
    if name in ("", "."):
        raise _bad(path, "path_not_normal", "has an empty part or a dot")
    if len(name.encode()) > LONGEST_NAME:
        raise _bad(path, "path_too_long", f"has a name of more than {LONGEST_NAME} bytes")
    if name[-1] in ". " or _RESERVED.match(name):
        raise _bad(path, "path_reserved", "has a name that not every system can store")


class Names:
    """The paths of one tree; `check` refuses those that cannot live side by side on every system.

    Memory is that of the paths: a set of all folders would hold 512 strings for a path of 1,024 bytes.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[str, bool, str]] = []

    def add_file(self, path: str) -> None:
        """Raises Invalid if this is no path."""
        check_path(path)
        self._entries.append((_key(path), False, path))

    def add_folder(self, path: str) -> None:
        """Raises Invalid if this is no path."""
        check_path(path)
        self._entries.append((_key(path), True, path))

    def check(self) -> None:
        """Raises Invalid if two paths collide. Sorted, whatever collides with a file comes right behind it."""
        self._entries.sort()
        for (key, is_folder, path), (next_key, next_is_folder, next_path) in pairwise(self._entries):
            if is_folder or not f"{next_key}\0".startswith(f"{key}\0"):
                continue
            if next_is_folder or key != next_key:
                raise _bad(next_path, "file_directory_clash", "is or lies in a folder that is also a file")
            if path == next_path:
                raise _bad(path, "duplicate_path", "occurs twice")
            raise _bad(next_path, "case_collision", "differs from another path only in case or in Unicode form")


def _key(path: str) -> str:
    """Equal for paths that some system takes for one; what lies in a folder sorts right behind it."""
    return unicodedata.normalize("NFC", path).casefold().replace("/", "\0")


def check_paths(paths: Iterable[str]) -> None:
    """Raises Invalid if a path, or their living side by side, breaks the rule."""
    names = Names()
    for path in paths:
        names.add_file(path)
    names.check()


def without_common_folder(paths: Iterable[str]) -> int:
    """How many leading characters all `paths` share as one top-level folder (`requests-2.32/`), or 0."""
    firsts = {path.partition("/")[0] if "/" in path else "" for path in paths}
    return len(only) + 1 if len(firsts) == 1 and (only := firsts.pop()) else 0


def _bad(path: str, code: str, what: str) -> Invalid:
    shown = ascii(path if len(path) <= SHOWN else f"{path[:SHOWN]}…")[1:-1]
    return Invalid(f"path {what}: {shown}", code=code)
