"""A commit's tree as files of a version. What a version cannot hold is left out and noted; nothing is repaired."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from functions.project.fetching.bounds import DEEPEST_TREE, MOST_ENTRIES
from functions.project.fetching.contents import BLOB, Contents, Entry
from functions.project.fetching.scanning import too_large
from functions.project.limits import LARGEST_FILE, LARGEST_TREE, MOST_FILES
from functions.project.model import File
from functions.project.packs import Packer
from functions.project.paths import check_path
from functions.project.ports.git import Notes, Snapshot
from kernel.errors import Invalid, TooLarge

FOLDER, LINK, SUBMODULE = 0o040000, 0o120000, 0o160000
_MODES = {0o100644: "100644", 0o100664: "100644", 0o100755: "100755"}
_ODD = {LINK: ("symlink", "is a symbolic link"), SUBMODULE: ("submodule", "is a submodule")}
_LFS = b"version https://git-lfs.github.com/spec/v1\n"
LARGEST_POINTER = 1_024  # bytes: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md


def snapshot(contents: Contents, tree: str, packer: Packer) -> Snapshot:
    """The files of a tree, their content in `packer`, and what was left out.

    Raises:
        Invalid: an object is broken.
        TooLarge: there are too many files or bytes (`too_many_files`, `too_large_unpacked`).
    """
    taken = _Taken(contents, packer)
    for path, entry in _Walk(contents).files(tree):
        taken.add(path, entry)
    return Snapshot(tuple(taken.files), taken.notes)


@dataclass(slots=True)
class _Walk:
    """Walks a tree with a bound on what it visits: a few kilobytes can describe billions of files."""

    contents: Contents
    visited: int = 0

    def files(self, tree: str, folder: bytes = b"", depth: int = 0) -> Iterator[tuple[bytes, Entry]]:
        if depth > DEEPEST_TREE:
            raise too_large(f"folders lie more than {DEEPEST_TREE} deep")
        for entry in self.contents.tree(tree):
            self.visited += 1
            if self.visited > MOST_ENTRIES:
                raise too_large(f"it has more than {MOST_ENTRIES} files and folders")
            if entry.mode == FOLDER:
                yield from self.files(entry.sha, folder + entry.name + b"/", depth + 1)
            else:
                yield folder + entry.name, entry


@dataclass(slots=True)
class _Taken:
    contents: Contents
    packer: Packer
    files: list[File] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    total_bytes: int = 0
    beside: _Beside = field(default_factory=lambda: _Beside())

    def add(self, raw: bytes, entry: Entry) -> None:
        path = raw.decode("utf-8", "backslashreplace")
        try:
            mode = self._check(raw, path, entry)
        except Invalid as refused:
            self.notes.add(path, refused.code)
            return
        self._keep(path, mode, self.contents.raw(entry.sha, BLOB))

    def _check(self, raw: bytes, path: str, entry: Entry) -> str:
        if entry.mode not in _MODES:
            code, what = _ODD.get(entry.mode, ("bad_mode", "has an odd mode"))
            raise Invalid(what, code=code)
        if raw != path.encode():
            raise Invalid("is not UTF-8", code="path_not_utf8")
        check_path(path)
        self.beside.add(path)
        return _MODES[entry.mode]

    def _keep(self, path: str, mode: str, data: bytes | None) -> None:
        if data is None or len(data) > LARGEST_FILE:
            self.notes.add(path, "file_too_large")
            return
        if len(data) <= LARGEST_POINTER and data.startswith(_LFS):
            self.notes.add(path, "lfs_pointer")
        self.total_bytes += len(data)
        if len(self.files) >= MOST_FILES:
            raise TooLarge(f"a version holds at most {MOST_FILES} files", code="too_many_files")
        if self.total_bytes > LARGEST_TREE:
            raise TooLarge(f"a version has at most {LARGEST_TREE} bytes", code="too_large_unpacked")
        self.files.append(File(path, mode, self.packer.add(data), len(data)))


@dataclass(slots=True)
class _Beside:
    """Refuses a path that cannot live beside those before it on every system; the first one stays."""

    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)

    def add(self, path: str) -> None:
        """Raises Invalid."""
        key = unicodedata.normalize("NFC", path).casefold()
        parts = key.split("/")
        above = {"/".join(parts[:length]) for length in range(1, len(parts))}
        if key in self.files:
            raise Invalid("differs from another path only in case or in Unicode form", code="case_collision")
        if key in self.folders or not self.files.isdisjoint(above):
            raise Invalid("is or lies in a folder that is also a file", code="file_directory_clash")
        self.files.add(key)
        self.folders |= above
