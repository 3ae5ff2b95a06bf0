"""pyproject.toml: PEP 621, dependency groups (PEP 735) and Poetry's own tables."""

from __future__ import annotations

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
    items,
    lines_of,
    table,
    text,
)
from functions.analysis.engines.manifests.requirements import requirement, scope_of
from functions.analysis.engines.manifests.toml import document


def read(source: str) -> Reading:
    """Raises Malformed."""
    said = document(source)
    project, tool = table(said.get("project")), table(said.get("tool"))
    poetry, lines = table(tool.get("poetry")), lines_of(source)
    found = [*_standard(project, said, lines), *_poetry(poetry)]
    return Reading(
        name=text(project.get("name") or poetry.get("name")),
        version=text(project.get("version") or poetry.get("version")),
        licence=_licence(project.get("license") or poetry.get("license")),
        application=_is_application(said, tool, poetry),
        dependencies=bounded(found),
        insecure=insecure(source) if "http://" in source or "git://" in source else (),
    )


def _is_application(said: Mapping[str, Any], tool: Mapping[str, Any], poetry: Mapping[str, Any]) -> bool:
    unpackaged = poetry.get("package-mode") is False or table(tool.get("uv")).get("package") is False
    return unpackaged or ("project" in said and "build-system" not in said)


def _licence(value: object) -> str:
    """An expression or a short name; the text of a licence says nothing that could be relied on."""
    said = text(value) or text(table(value).get("text"))
    return said if said and "\n" not in said and len(said) <= 100 else ""


def _standard(project: Mapping[str, Any], said: Mapping[str, Any], lines: Mapping[str, int]) -> Iterator[Dependency]:
    groups = {RUNTIME: items(project.get("dependencies"))}
    listed = [(RUNTIME, one) for one in groups[RUNTIME]]
    for name, some in table(project.get("optional-dependencies")).items():
        listed += [(DEV if scope_of(name) == DEV else OPTIONAL, one) for one in items(some)]
    for some in table(said.get("dependency-groups")).values():
        listed += [(DEV, one) for one in items(some)]
    for scope, one in listed:
        if isinstance(one, str) and (found := requirement(one, lines.get(one, 1), scope)):
            yield found


def _poetry(poetry: Mapping[str, Any]) -> Iterator[Dependency]:
    yield from _wanted(table(poetry.get("dependencies")), RUNTIME)
    yield from _wanted(table(poetry.get("dev-dependencies")), DEV)
    for group in table(poetry.get("group")).values():
        yield from _wanted(table(table(group).get("dependencies")), DEV)


def _wanted(dependencies: Mapping[str, Any], scope: str) -> Iterator[Dependency]:
    """Poetry's constraints: a bare version is exact, `^` and `~` are ranges."""
    from packaging.utils import canonicalize_name

    for name, value in dependencies.items():
        if name == "python":
            continue
        wanted = text(value) or text(table(value).get("version"))
        version = wanted.removeprefix("==") if wanted[:1].isdigit() or wanted.startswith("==") else ""
        pinned = bool(version) or bool(table(value).get("rev"))
        yield Dependency("pypi", text(canonicalize_name(name)), version, wanted, scope, True, pinned)
