"""The list of a version's files as an object, and what differs between two of them. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from functions.project.limits import LARGEST_CHANGES, MOST_CHANGES
from functions.project.model import Blob, File, Tree


def manifest_of(tree: Tree, blobs: Mapping[str, Blob]) -> bytes:
    """One JSON object a line, sorted by path: each file and where its bytes are."""
    return "".join(f"{_line(file, blobs[file.sha256])}\n" for file in tree.files).encode()


def _line(file: File, blob: Blob) -> str:
    entry = {
        "path": file.path,
        "mode": file.mode,
        "sha256": file.sha256,
        "size_bytes": file.size_bytes,
        "object": blob.pack,
        "offset": blob.offset,
    }
    return _encode(entry)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def files_of(manifest: bytes) -> Iterator[File]:
    """The files that a manifest lists, in its order."""
    for line in manifest.decode().split("\n"):
        if line:
            entry = json.loads(line)
            yield File(entry["path"], entry["mode"], entry["sha256"], entry["size_bytes"])


@dataclass(frozen=True, slots=True)
class Placed:
    """A file of a version and where its bytes are."""

    path: str
    mode: str
    sha256: str
    size_bytes: int
    object: str
    offset: int


def placed(manifest: bytes) -> list[Placed]:
    """The files that a manifest lists, sorted by path."""
    return [Placed(**json.loads(line)) for line in manifest.decode().split("\n") if line]


def find(manifest: bytes, path: str) -> Placed | None:
    """One file, without reading the lines of the others."""
    begin = f'{{"path":{_encode(path)},'.encode()
    at = 0 if manifest.startswith(begin) else manifest.find(b"\n" + begin) + 1
    if at == 0 and not manifest.startswith(begin):
        return None
    return Placed(**json.loads(manifest[at : manifest.find(b"\n", at)]))


def changed_paths(tree: Tree, parent: Iterable[File]) -> tuple[str, ...] | None:
    """Paths that were added, changed or removed since `parent`, sorted; None if too many for an event."""
    now = {(file.path, file.sha256) for file in tree.files}
    before = {(file.path, file.sha256) for file in parent}
    paths = tuple(sorted({path for path, _ in now ^ before}))
    return paths if _fits(paths) else None


def _fits(paths: Sequence[str]) -> bool:
    return len(paths) <= MOST_CHANGES and len(json.dumps(paths, ensure_ascii=False).encode()) <= LARGEST_CHANGES
