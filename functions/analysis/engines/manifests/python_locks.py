"""poetry.lock, uv.lock and Pipfile.lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from functions.analysis.engines.manifests import jsons
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


def read_poetry(source: str) -> Reading:
    """Raises Malformed."""
    lines = lines_of(source)
    found = [_poetry(table(one), lines) for one in items(document(source).get("package"))]
    return Reading(dependencies=bounded(found), insecure=insecure(source))


def _poetry(package: Mapping[str, Any], lines: Mapping[str, int]) -> Dependency:
    groups = [one for one in items(package.get("groups")) if isinstance(one, str)]
    dev = package.get("category") == "dev" or bool(groups and "main" not in groups)
    return _locked(package.get("name"), package.get("version"), DEV if dev else RUNTIME, None, lines)


def _locked(name: object, version: object, scope: str, direct: bool | None, lines: Mapping[str, int]) -> Dependency:
    from packaging.utils import canonicalize_name

    exact, line = text(version), lines.get(text(name), 1)
    return Dependency("pypi", canonicalize_name(text(name)), exact, "", scope, direct, bool(exact), line=line)


def read_uv(source: str) -> Reading:
    """The packages that a workspace's own ones name are direct. Raises Malformed."""
    packages, lines = [table(one) for one in items(document(source).get("package"))], lines_of(source)
    own = [one for one in packages if _is_own(one)]
    runtime = {text(table(each).get("name")) for one in own for each in items(one.get("dependencies"))}
    dev = {text(table(each).get("name")) for one in own for each in _dev(one)}
    found = [
        _locked(
            one.get("name"),
            one.get("version"),
            DEV if text(one.get("name")) in dev - runtime else RUNTIME,
            text(one.get("name")) in runtime | dev if own else None,
            lines,
        )
        for one in packages
        if not _is_own(one)
    ]
    return Reading(dependencies=bounded(found), insecure=insecure(source))


def _is_own(package: Mapping[str, Any]) -> bool:
    return bool(table(package.get("source")).keys() & {"virtual", "editable", "directory"})


def _dev(package: Mapping[str, Any]) -> Iterator[object]:
    for some in table(package.get("dev-dependencies")).values():
        yield from items(some)


def read_pipfile(source: str) -> Reading:
    """Raises Malformed."""
    said, lines = jsons.document(source), lines_of(source)
    found = []
    for section, scope in (("default", RUNTIME), ("develop", DEV)):
        for name, one in table(said.get(section)).items():
            found.append(_locked(name, text(table(one).get("version")).removeprefix("=="), scope, None, lines))
    return Reading(dependencies=bounded(found), insecure=insecure(source))
