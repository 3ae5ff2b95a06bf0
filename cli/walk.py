"""Names below a folder that is no git checkout. Symbolic links are named and never followed, so no loop is entered."""

from __future__ import annotations

import os
from collections.abc import Iterator

UNNAMED = frozenset({".git", ".hg", ".svn", ".jj", ".DS_Store"})
"""What version control and desktops keep: no part of the code, and not worth a word."""
IGNORED = frozenset(
    {
        "node_modules", "bower_components", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".nox",
        ".eggs", ".idea", ".gradle", ".terraform", ".aws-sam", ".coderev",
    }
)  # fmt: skip
"""Folders that tools fill; each one is named once, with this as the reason."""
_UNNAMED, _IGNORED = (frozenset(os.fsencode(name) for name in names) for names in (UNNAMED, IGNORED))
LEFT_OUT = "left out: a tool's folder, not code of the project"
Listed = tuple[bytes, str | None]
"""A name relative to the folder, and why a folder of that name was not entered."""


def below(root: int) -> Iterator[Listed]:
    """All names below the open folder `root` but folders, sorted; a folder that cannot be entered is one of them."""
    waiting = [b""]
    while waiting:
        folder = waiting.pop()
        try:
            names = _entries(root, folder)
        except OSError as refused:
            yield folder, f"the folder cannot be read: {(refused.strerror or str(refused)).lower()}"
            continue
        inside = [(folder + b"/" + name if folder else name, is_folder) for name, is_folder in names]
        yield from ((path, None) for path, is_folder in inside if not is_folder)
        folders = [path for path, is_folder in inside if is_folder]
        tools = [path for path in folders if _is_tools(root, path)]
        yield from ((path, LEFT_OUT) for path in tools)
        waiting += [path for path in reversed(folders) if path not in tools]


def _is_tools(root: int, folder: bytes) -> bool:
    """Whether a tool made the folder: it has such a name, or is a virtual environment."""
    if os.path.basename(folder) in _IGNORED:
        return True
    try:
        os.stat(folder + b"/pyvenv.cfg", dir_fd=root, follow_symlinks=False)
    except OSError:
        return False
    return True


def _entries(root: int, folder: bytes) -> list[tuple[bytes, bool]]:
    handle = os.open(folder or b".", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=root)
    try:
        with os.scandir(handle) as found:
            names = [(os.fsencode(entry.name), entry.is_dir(follow_symlinks=False)) for entry in found]
        return sorted(name for name in names if name[0] not in _UNNAMED)
    finally:
        os.close(handle)
