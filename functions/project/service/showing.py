"""One file of a version."""

from __future__ import annotations

from functions.project import manifests
from functions.project.limits import LARGEST_SHOWN
from functions.project.manifests import Placed
from functions.project.model import Version
from functions.project.ports import Deps
from functions.project.service.reading import contents
from kernel.errors import NotFound, TooLarge


def find(deps: Deps, version: Version, path: str) -> Placed:
    """Raises NotFound, Unavailable."""
    file = manifests.find(deps.store.get(version.manifest_key), path)
    if file is None:
        raise NotFound("the version has no such file", path=path)
    return file


def text_of(deps: Deps, file: Placed) -> str | None:
    """None if it is no UTF-8 or holds a NUL. Raises TooLarge, Unavailable."""
    if file.size_bytes > LARGEST_SHOWN:
        raise TooLarge(f"a file of more than {LARGEST_SHOWN} bytes is not shown", size_bytes=file.size_bytes)
    ((_, data),) = contents(deps.store, [file])
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None
