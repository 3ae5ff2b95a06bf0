"""Collects the working files of a folder: what git would track, or, outside a checkout, what is there."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from cli import git, origins, walk
from cli.errors import Changed, UserError
from cli.hashes import Hashes, mark_of
from cli.names import printable, refusal_of_name, refusal_of_size
from cli.tree import File, Skipped, Tree
from cli.walk import Listed

_READ_BYTES = 1 << 20
_READERS = 4


class Folder:
    """An open folder. All names are relative to it, so neither its own depth nor a link above it matters."""

    def __init__(self, handle: int, hashes: Hashes) -> None:
        self._handle = handle
        self._hashes = hashes
        self._real = {b"": True}

    def look(self, listed: Listed) -> File | Skipped | None:
        """What a name is; None if nothing is there any more."""
        name, refused = listed
        reason = refused or refusal_of_name(name)
        if reason:
            return Skipped(printable(name) or ".", reason)
        try:
            return self._file(name)
        except FileNotFoundError:
            return None  # deleted, and git still lists it
        except OSError as failed:
            return Skipped(printable(name), f"it cannot be read: {(failed.strerror or str(failed)).lower()}")

    def _file(self, name: bytes) -> File | Skipped:
        found = os.stat(name, dir_fd=self._handle, follow_symlinks=False)
        reason = self._refusal(name, found)
        if reason:
            return Skipped(printable(name), reason)
        path, mark = name.decode(), mark_of(found)
        known = self._hashes.get(path, mark) if mark else None
        sha256, size_bytes = (known, found.st_size) if known else self._hash(name)
        if mark and not known and size_bytes == found.st_size:
            self._hashes.put(path, mark, sha256)
        mode = "100755" if found.st_mode & stat.S_IXUSR else "100644"
        return File(path, mode, sha256, size_bytes)

    def _refusal(self, name: bytes, found: os.stat_result) -> str | None:
        if stat.S_ISLNK(found.st_mode):
            return "it is a symbolic link"
        if not self._is_real(os.path.dirname(name)):
            return "it lies behind a symbolic link"
        if stat.S_ISDIR(found.st_mode):
            return "it is a repository of its own"
        if not stat.S_ISREG(found.st_mode):
            return "it is not a regular file"
        return refusal_of_size(found.st_size)

    def _is_real(self, folder: bytes) -> bool:
        """Whether no part of a folder's path is a link: a hostile checkout must not lead outside of itself."""
        known = self._real.get(folder)
        if known is None:
            linked = stat.S_ISLNK(os.stat(folder, dir_fd=self._handle, follow_symlinks=False).st_mode)
            known = self._real[folder] = not linked and self._is_real(os.path.dirname(folder))
        return known

    def _open(self, name: bytes) -> int:
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self._handle)

    def _hash(self, name: bytes) -> tuple[str, int]:
        digest, size_bytes = hashlib.sha256(), 0
        with open(self._open(name), "rb", buffering=0) as file:
            while block := file.read(_READ_BYTES):
                digest.update(block)
                size_bytes += len(block)
        return digest.hexdigest(), size_bytes

    def read(self, file: File) -> bytes:
        """A file's content. Raises Changed if it did since it was hashed."""
        try:
            with open(self._open(os.fsencode(file.path)), "rb") as opened:
                content = opened.read()
        except OSError as gone:
            raise Changed(f"{file.path!r} cannot be read any more: {gone.strerror}.") from gone
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise Changed(f"{file.path!r} changed while it was being read: try again.")
        return content


@contextmanager
def working_tree(path: Path) -> Iterator[Tree]:
    """The files of a folder, or one file, as they are now; its contents can be read until the block ends.

    Raises:
        UserError: there is no such folder or file, or it may not be entered.
    """
    root = path if path.is_dir() else path.parent
    try:
        handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as refused:
        raise UserError(f"{path} cannot be read: {refused.strerror}.") from refused
    try:
        hashes = Hashes(str(root.resolve()))
        folder = Folder(handle, hashes)
        names = _names(path, handle) if path.is_dir() else [(os.fsencode(path.name), None)]
        with ThreadPoolExecutor(_READERS) as readers:
            found = list(readers.map(folder.look, names))
        hashes.save()
        yield Tree.of(found, folder.read, origins.checked_out(root) if path.is_dir() else None)
    finally:
        os.close(handle)


def _names(path: Path, handle: int) -> Iterable[Listed]:
    tracked = git.working_files(path)
    return walk.below(handle) if tracked is None else [(name.rstrip(b"/"), None) for name in tracked]
