"""Cargo.toml and Cargo.lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from functions.analysis.engines.manifests.reading import (
    DEV,
    RUNTIME,
    Dependency,
    Reading,
    bounded,
    insecure,
    items,
    lines_of,
    table,
    text,
)
from functions.analysis.engines.manifests.toml import document

_SECTIONS = (("dependencies", RUNTIME), ("build-dependencies", DEV), ("dev-dependencies", DEV))


def read(source: str) -> Reading:
    """Raises Malformed."""
    said = document(source)
    package = table(said.get("package"))
    places = [said, table(said.get("workspace")), *map(table, table(said.get("target")).values())]
    return Reading(
        name=text(package.get("name")),
        version=text(package.get("version")),
        licence=text(package.get("license")).replace("/", " OR "),
        application="bin" in said,
        dependencies=bounded(one for place in places for one in _wanted(place)),
        insecure=_insecure(source, places),
    )


def _insecure(source: str, places: list[Mapping[str, Any]]) -> tuple[tuple[str, int], ...]:
    listed = [table(place.get(section)).values() for place in places for section, _ in _SECTIONS]
    wanted = {text(table(one).get(key)) for some in listed for one in some for key in ("git", "registry-index")}
    return tuple((url, line) for url, line in insecure(source) if url in wanted)


def _wanted(place: Mapping[str, Any]) -> Iterator[Dependency]:
    """A bare version is a range here; only `=` is exact."""
    for section, scope in _SECTIONS:
        for name, value in table(place.get(section)).items():
            if "path" in table(value) or table(value).get("workspace") is True:
                continue
            wanted = text(value) or text(table(value).get("version"))
            version = wanted[1:].strip() if wanted.startswith("=") else ""
            pinned = bool(version or table(value).get("rev"))
            package = text(table(value).get("package")) or text(name)
            yield Dependency("cargo", package, version, wanted, scope, True, pinned)


def read_lock(source: str) -> Reading:
    """Packages without a source are the workspace's own; what they name is direct. Raises Malformed."""
    packages, lines = [table(one) for one in items(document(source).get("package"))], lines_of(source)
    own = [one for one in packages if not one.get("source")]
    direct = {str(each).partition(" ")[0] for one in own for each in items(one.get("dependencies"))}
    found = [
        Dependency(
            "cargo",
            text(one.get("name")),
            text(one.get("version")),
            direct=text(one.get("name")) in direct,
            pinned=True,
            line=lines.get(text(one.get("name")), 1),
        )
        for one in packages
        if one.get("source")
    ]
    return Reading(dependencies=bounded(found), insecure=insecure(source))
