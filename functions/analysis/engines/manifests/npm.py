"""package.json and package-lock.json of lock file versions 1 to 3."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from functions.analysis.engines.manifests.jsons import document
from functions.analysis.engines.manifests.reading import (
    DEV,
    OPTIONAL,
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

_EXACT = re.compile(r"=?v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?")
_COMMIT = re.compile(r"#[0-9a-f]{40}$")
_DEEPEST = 200  # levels of a lock file of version 1
_SECTIONS = (("dependencies", RUNTIME), ("devDependencies", DEV), ("optionalDependencies", OPTIONAL))


def read(source: str) -> Reading:
    """Raises Malformed."""
    said, lines = document(source), lines_of(source)
    found = [
        wanted_of(name, value, scope, lines.get(name, 1))
        for section, scope in _SECTIONS
        for name, value in table(said.get(section)).items()
    ]
    return Reading(
        name=text(said.get("name")),
        version=text(said.get("version")),
        licence=licence_of(said),
        application=said.get("private") is True and "workspaces" not in said,
        dependencies=bounded(found),
        insecure=_insecure(source, said),
    )


def _insecure(source: str, said: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """Only where a package comes from: homepages are none of it."""
    wanted = {text(value) for section, _ in _SECTIONS for value in table(said.get(section)).values()}
    return tuple((url, line) for url, line in insecure(source) if url in wanted)


def wanted_of(name: str, value: object, scope: str, line: int) -> Dependency:
    wanted = text(value)
    version = wanted.lstrip("=v") if _EXACT.fullmatch(wanted) else ""
    pinned = bool(version or _COMMIT.search(wanted)) or wanted.startswith(("file:", "link:", "workspace:"))
    return Dependency("npm", text(name), version, wanted, scope, True, pinned, line=line)


def licence_of(said: Mapping[str, Any]) -> str:
    """`license` as text or as an object, or the list `licenses` of old packages, any of which may be chosen."""
    one = text(said.get("license")) or text(table(said.get("license")).get("type"))
    several = [text(table(each).get("type")) for each in items(said.get("licenses"))]
    return one or " OR ".join(filter(None, several))


def read_lock(source: str) -> Reading:
    """Raises Malformed."""
    said, lines = document(source), lines_of(source)
    root = table(table(said.get("packages")).get(""))
    own = {name for section, _ in _SECTIONS for name in table(root.get(section))}
    if "packages" in said:
        found = [*_flat(table(said["packages"]), own if root else None, lines)]
    else:
        found = [*_nested(table(said.get("dependencies")), lines, 0)]
    return Reading(
        name=text(said.get("name")),
        version=text(said.get("version")),
        dependencies=bounded(found),
        insecure=insecure(source),
    )


def _flat(packages: Mapping[str, Any], own: set[str] | None, lines: Mapping[str, int]) -> Iterator[Dependency]:
    for path, value in packages.items():
        one = table(value)
        if "node_modules/" not in path or one.get("link"):
            continue
        name = text(one.get("name")) or path.rpartition("node_modules/")[2]
        direct = None if own is None else path == f"node_modules/{name}" and name in own
        yield _locked(name, one, direct, lines.get(path, 1))


def _nested(dependencies: Mapping[str, Any], lines: Mapping[str, int], depth: int) -> Iterator[Dependency]:
    for name, value in dependencies.items():
        one = table(value)
        yield _locked(name, one, None if depth == 0 else False, lines.get(name, 1))
        if depth < _DEEPEST:
            yield from _nested(table(one.get("dependencies")), lines, depth + 1)


def _locked(name: str, one: Mapping[str, Any], direct: bool | None, line: int) -> Dependency:
    version = text(one.get("version"))
    scope = DEV if one.get("dev") else OPTIONAL if one.get("optional") else RUNTIME
    return Dependency("npm", text(name), version, "", scope, direct, bool(version), licence_of(one), line)
