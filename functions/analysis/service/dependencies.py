"""Dependency manifests of a project: read once for each content, judged together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from functions.analysis import dependencies
from functions.analysis.configuration import Configuration
from functions.analysis.dependencies import Package
from functions.analysis.engines.manifests.kinds import LARGEST_BYTES, REVISION, kind_of
from functions.analysis.engines.manifests.reading import Reading
from functions.analysis.lifecycle import Analysis
from functions.analysis.pieces import ManifestFile
from functions.analysis.planning import Malformed, read_manifest
from functions.analysis.ports import Blobs, Deps
from functions.analysis.repositories.manifests import ManifestHere
from functions.analysis.results import Whole
from kernel.errors import NotFound, Unavailable
from kernel.identity import Caller

MOST_MANIFESTS = 500
_AT_ONCE_BYTES = 8_000_000
Key = tuple[str, str]
"""Hash of a content, and what reads it, with its revision."""


def find(deps: Deps, caller: Caller, analysis: Analysis, configuration: Configuration) -> Whole:
    """`service.whole.WholeEngine`. Raises Unavailable."""
    here, readings = _read(deps, caller, analysis)
    paths = {one.path for one in here}
    listed = dependencies.packages(readings, paths)
    return Whole(dependencies.findings(readings, paths), dependencies.measures(listed) if here else {})


def packages(deps: Deps, caller: Caller, analysis: Analysis) -> list[Package]:
    """All packages that an analysis' project depends on, as far as its manifests say. Raises Unavailable."""
    here, readings = _read(deps, caller, analysis)
    return dependencies.packages(readings, {one.path for one in here})


def _read(deps: Deps, caller: Caller, analysis: Analysis) -> tuple[list[ManifestHere], dict[str, Reading]]:
    """All manifests and lock files, and the readings of those that can be read, by path."""
    with deps.work(caller) as work:
        here = work.manifests.here(analysis.id, limit=MOST_MANIFESTS)
        known = work.manifests.known(sorted({key for one in here if (key := _key(one))}))
    missing = [one for one in here if (key := _key(one)) and key not in known]
    if missing:
        fresh = _fresh(deps.blobs, analysis, missing)
        with deps.work(caller) as work:
            work.manifests.add(fresh)
        known |= fresh
    found = {one.path: Reading.of(known[key]) for one in here if (key := _key(one)) in known and key}
    return here, found


def _key(one: ManifestHere) -> Key | None:
    kind = kind_of(one.path)
    return (one.sha256, f"{kind}@{REVISION}") if kind else None


def _fresh(blobs: Blobs, analysis: Analysis, missing: Sequence[ManifestHere]) -> dict[Key, Mapping[str, object]]:
    """Read contents that nobody has read yet; one that is gone says nothing. Raises Unavailable."""
    from functions.analysis.engines.manifests.reader import Unavailable as NotStarted
    from functions.analysis.engines.manifests.reader import readings

    wanted = {key: one.path for one in missing if (key := _key(one))}
    places = _places(blobs, analysis, set(wanted.values()))
    found: dict[Key, Mapping[str, object]] = {}
    try:
        for keys in _batches({key: places[path] for key, path in sorted(wanted.items()) if path in places}):
            contents = {key: data for key, file in keys if (data := _content(blobs, file)) is not None}
            given = [(kind.partition("@")[0], data) for (_, kind), data in contents.items()]
            found |= zip(contents, readings(given), strict=True)
    except NotStarted as down:
        raise Unavailable("engines") from down
    return found


def _places(blobs: Blobs, analysis: Analysis, paths: set[str]) -> dict[str, ManifestFile]:
    try:
        return {file.path: file for file in read_manifest(blobs.get(analysis.manifest_key)) if file.path in paths}
    except (NotFound, Malformed):
        return {}


def _batches(places: Mapping[Key, ManifestFile]) -> list[list[tuple[Key, ManifestFile]]]:
    batches: list[list[tuple[Key, ManifestFile]]] = []
    size = _AT_ONCE_BYTES
    for key, file in places.items():
        size += min(file.size_bytes, LARGEST_BYTES)
        if size > _AT_ONCE_BYTES:
            batches.append([])
            size = min(file.size_bytes, LARGEST_BYTES)
        batches[-1].append((key, file))
    return batches


def _content(blobs: Blobs, file: ManifestFile) -> bytes | None:
    """The bytes; more than is read if there are too many; None if they are gone or not what their hash says."""
    if file.size_bytes > LARGEST_BYTES:
        return b" " * (LARGEST_BYTES + 1)
    try:
        data = blobs.get_range(file.object, file.offset, file.size_bytes)
    except NotFound:
        return None
    return data if sha256(data).hexdigest() == file.sha256 else None
