"""A version's tree as a Merkle tree over its folders: equal folders have equal hashes. Standard library only.

The hash of a folder is the SHA-256 of its entries, sorted by the bytes of their names, one line each:

    100644 blob <SHA-256 of the content> <name>\\n      (or 100755)
    040000 tree <SHA-256 of the folder> <name>\\n

in UTF-8. Names hold no line break (`paths`), so that no two folders make the same text. The root's hash names the
tree. Versions from before this rule keep the flat hash they were published with, SHA-256 over `<mode> <sha256>
<path>\\n` of all files: it equals no root's, so the first version published after it counts as another tree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Entry(Protocol):
    @property
    def path(self) -> str: ...
    @property
    def mode(self) -> str: ...
    @property
    def sha256(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Folder:
    """What lies in it, by name."""

    sha256: str
    files: Mapping[str, Entry]
    folders: Mapping[str, Folder]


@dataclass(slots=True)
class _Open:
    files: dict[str, Entry] = field(default_factory=dict)
    folders: dict[str, _Open] = field(default_factory=dict)


def tree_of(entries: Iterable[Entry]) -> Folder:
    """The root of a tree whose paths keep the rules of `paths`."""
    root = _Open()
    for entry in entries:
        *parents, name = entry.path.split("/")
        folder = root
        for parent in parents:
            folder = folder.folders.setdefault(parent, _Open())
        folder.files[name] = entry
    return _closed(root)


def _closed(root: _Open) -> Folder:
    """Children first, without recursion: a path may have 512 parts."""
    order = [root]
    for folder in order:  # grows while it is read
        order.extend(folder.folders.values())
    done: dict[int, Folder] = {}
    for folder in reversed(order):
        folders = {name: done.pop(id(below)) for name, below in folder.folders.items()}
        done[id(folder)] = Folder(_hash(folder.files, folders), folder.files, folders)
    return done[id(root)]


def _hash(files: Mapping[str, Entry], folders: Mapping[str, Folder]) -> str:
    lines = [(name.encode(), f"{file.mode} blob {file.sha256} ") for name, file in files.items()]
    lines += [(name.encode(), f"040000 tree {folder.sha256} ") for name, folder in folders.items()]
    digest = hashlib.sha256()
    for name, what in sorted(lines):
        digest.update(what.encode() + name + b"\n")
    return digest.hexdigest()


def differing(before: Folder, after: Folder) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Pairs of files of one path that differ, None where there is no such file; equal folders are never entered."""
    pairs: list[tuple[Folder | None, Folder | None]] = [(before, after)]
    while pairs:
        old, new = pairs.pop()
        if old is not None and new is not None and old.sha256 == new.sha256:
            continue
        yield from _files(old.files if old else {}, new.files if new else {})
        below, beside = (old.folders if old else {}), (new.folders if new else {})
        pairs.extend((below.get(name), beside.get(name)) for name in _names(below, beside))


def _files(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> Iterator[tuple[Entry | None, Entry | None]]:
    for name in _names(old, new):
        one, other = old.get(name), new.get(name)
        if one is None or other is None or (one.mode, one.sha256) != (other.mode, other.sha256):
            yield one, other


def _names(old: Mapping[str, object], new: Mapping[str, object]) -> Sequence[str]:
    return sorted(old.keys() | new.keys())
