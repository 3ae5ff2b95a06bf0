"""Single files of a version, read where its manifest says that they lie."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256

from functions.analysis.lifecycle import Analysis
from functions.analysis.planning import Malformed, read_manifest
from functions.analysis.ports import Deps
from kernel.errors import NotFound


def contents(deps: Deps, analysis: Analysis, paths: Collection[str], *, largest: int) -> dict[str, bytes]:
    """The bytes of those of `paths` that are regular files of at most `largest` bytes; what cannot be had is left out.

    Raises Unavailable.
    """
    if not paths:
        return {}
    try:
        files = read_manifest(deps.blobs.get(analysis.manifest_key))
    except (NotFound, Malformed):
        return {}
    found: dict[str, bytes] = {}
    for file in files:
        if file.path not in paths or file.size_bytes > largest or not file.mode.lstrip("0").startswith("100"):
            continue
        try:
            data = deps.blobs.get_range(file.object, file.offset, file.size_bytes) if file.size_bytes else b""
        except NotFound:
            continue
        if sha256(data).hexdigest() == file.sha256:
            found[file.path] = data
    return found
