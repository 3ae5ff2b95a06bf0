"""requirements*.txt, as pip reads them: https://pip.pypa.io/en/stable/reference/requirements-file-format/."""

from __future__ import annotations

import re
from collections.abc import Iterator

from functions.analysis.engines.manifests.reading import DEV, RUNTIME, Dependency, Reading, bounded, insecure, text

_INDEX = re.compile(
    r"^(?:-i|-f|--index-url|--extra-index-url|--find-links)\b|^[A-Za-z0-9._-]+\s*@|^(?:-e\s+)?\w+\+\w+:"
)
_EDITABLE = re.compile(r"^(?:-e|--editable)\s+")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_OPTIONS = re.compile(r"\s--?[a-z].*$")
_COMMIT = re.compile(r"@[0-9a-f]{40}\b|#(?:\S*&)?(?:sha256|sha384|sha512)=")


def read(source: str) -> Reading:
    dependencies = [found for number, line in _lines(source) if (found := _dependency(line, number))]
    addresses = "\n".join(line if _INDEX.match(line.strip()) else "" for line in source.split("\n"))
    constrained = any(line.startswith(("-c ", "--constraint")) for _, line in _lines(source))
    return Reading(application=not constrained, dependencies=bounded(dependencies), insecure=insecure(addresses))


def _lines(source: str) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of their first one."""
    first, kept = 0, ""
    for number, raw in enumerate(source.replace("\r\n", "\n").split("\n"), 1):
        line = _COMMENT.sub("", raw).rstrip()
        first = first or number
        if line.endswith("\\"):
            kept += line[:-1] + " "
            continue
        if (whole := (kept + line).strip()) != "":
            yield first, whole
        first, kept = 0, ""


def _dependency(line: str, number: int) -> Dependency | None:
    if line.startswith("-") and not _EDITABLE.match(line):
        return None
    return requirement(_OPTIONS.sub("", _EDITABLE.sub("", line)), number)


def requirement(line: str, number: int, scope: str = RUNTIME) -> Dependency | None:
    """One requirement of PEP 508; None if it is none, as a path is."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        found = Requirement(line[:2_000])
    except (InvalidRequirement, RecursionError):
        return None
    exact = [one.version for one in found.specifier if one.operator in ("==", "===") and "*" not in one.version]
    version = exact[0] if len(exact) == 1 else ""
    pinned = bool(version) or bool(found.url and _COMMIT.search(found.url))
    wanted = found.url or str(found.specifier)
    name = canonicalize_name(found.name)
    return Dependency("pypi", text(name), text(version), text(wanted), scope, True, pinned, line=number)


def scope_of(group: str) -> str:
    """What a group of dependencies is for, as far as its name says."""
    return DEV if re.search(r"dev|test|doc|lint|typ(?:e|ing)|ci\b|format|bench", group.lower()) else RUNTIME
