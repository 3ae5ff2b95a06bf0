"""pnpm-lock.yaml of lock file versions 5 to 9."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from functions.analysis.engines.manifests.reading import (
    DEV,
    OPTIONAL,
    RUNTIME,
    Dependency,
    Reading,
    bounded,
    insecure,
    table,
    text,
)
from functions.analysis.engines.manifests.yamls import document

_KEY = re.compile(r"^/?((?:@[^/@]{1,214}/)?[^/@(]{1,214})[@/]([^(_]{1,100})")
_SECTIONS = (("dependencies", RUNTIME), ("devDependencies", DEV), ("optionalDependencies", OPTIONAL))


def read(source: str) -> Reading:
    """Raises Malformed."""
    said = document(source)
    importers = list(table(said.get("importers")).values()) or [said]
    own = {name: scope for one in importers for name, scope in _own(table(one))}
    packages = {**table(said.get("snapshots")), **table(said.get("packages"))}
    found = [one for key, value in packages.items() if (one := _locked(str(key), table(value), own))]
    return Reading(dependencies=bounded(found), insecure=insecure(source))


def _own(importer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for section, scope in reversed(_SECTIONS):
        for name in table(importer.get(section)):
            yield str(name), scope


def _locked(key: str, value: Mapping[str, Any], own: Mapping[str, str]) -> Dependency | None:
    found = _KEY.match(key)
    if found is None or found[2].startswith(("file:", "link:")):
        return None
    scope = DEV if value.get("dev") is True else own.get(found[1], RUNTIME)
    return Dependency("npm", text(found[1]), text(found[2]), "", scope, found[1] in own, True)
