"""composer.json and composer.lock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from functions.analysis.engines.manifests.jsons import document
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

_EXACT = re.compile(r"=?v?\d+(?:\.\d+){1,3}(?:-[\w.]+)?")


def read(source: str) -> Reading:
    """Raises Malformed."""
    said, lines = document(source), lines_of(source)
    found = [
        _wanted(name, text(value), scope, lines.get(name, 1))
        for section, scope in (("require", RUNTIME), ("require-dev", DEV))
        for name, value in table(said.get(section)).items()
        if "/" in name
    ]
    addresses = {text(table(one).get("url")) for one in items(said.get("repositories"))}
    return Reading(
        name=text(said.get("name")),
        version=text(said.get("version")),
        licence=_licence(said),
        application=said.get("type") == "project",
        dependencies=bounded(found),
        insecure=tuple((url, line) for url, line in insecure(source) if url in addresses),
    )


def _wanted(name: str, wanted: str, scope: str, line: int) -> Dependency:
    version = wanted.lstrip("=v") if _EXACT.fullmatch(wanted) else ""
    return Dependency("composer", text(name), version, wanted, scope, True, bool(version), line=line)


def _licence(said: Mapping[str, Any]) -> str:
    """A list names alternatives: https://getcomposer.org/doc/04-schema.md#license."""
    several = [text(one) for one in items(said.get("license"))]
    return text(said.get("license")) or " OR ".join(filter(None, several))


def read_lock(source: str) -> Reading:
    """Raises Malformed."""
    said, lines = document(source), lines_of(source)
    found = [
        Dependency(
            "composer",
            text(one.get("name")),
            text(one.get("version")).removeprefix("v"),
            scope=scope,
            direct=None,
            pinned=True,
            licence=_licence(one),
            line=lines.get(text(one.get("name")), 1),
        )
        for section, scope in (("packages", RUNTIME), ("packages-dev", DEV))
        for one in map(table, items(said.get(section)))
    ]
    sources = {text(table(one.get(key)).get("url")) for one in _all(said) for key in ("source", "dist")}
    return Reading(
        dependencies=bounded(found),
        insecure=tuple((url, line) for url, line in insecure(source) if url in sources),
    )


def _all(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [table(one) for section in ("packages", "packages-dev") for one in items(said.get(section))]
