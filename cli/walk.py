"""Names below a folder that is no git checkout. Symbolic links are named and never followed, so no loop is entered."""

from __future__ import annotations

import os
from collections.abc import Iterator

IGNORED = frozenset(
    {
        ".git", ".hg", ".svn", ".jj", "node_modules", "bower_components", ".venv", "venv", "__pycache__", ".mypy_cache",
        ".pytest_cache", ".ruff_cache", ".tox", ".nox", ".eggs", ".idea", ".gradle", ".terraform", ".aws-sam", ".coderev",
        ".DS_Store",
    }
)  # fmt: skip
_IGNORED = frozenset(os.fsencode(name) for name in IGNORED)
Listed = tuple[bytes, str | None]
"""A name relative to the folder, and why a folder of that name could not be entered."""


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
        waiting += [path for path, is_folder in reversed(inside) if is_folder]


def _entries(root: int, folder: bytes) -> list[tuple[bytes, bool]]:
    handle = os.open(folder or b".", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=root)
    try:
        with os.scandir(handle) as found:
            names = [(os.fsencode(entry.name), entry.is_dir(follow_symlinks=False)) for entry in found]
        return sorted(name for name in names if name[0] not in _IGNORED)
    finally:
        os.close(handle)
