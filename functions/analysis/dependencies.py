"""What a project's manifests and lock files say together: findings, figures, and the list of packages. Pure values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from functions.analysis.engines.manifests.kinds import LOCKS, kind_of
from functions.analysis.engines.manifests.reading import RUNTIME, Dependency, Reading
from functions.analysis.licences import is_strong_copyleft
from functions.analysis.model import Confidence, Finding, Severity

_NAMED = 5  # packages in a message
_MOST_OF_A_FILE = 50  # findings about licences
_PYTHON_LOCKS = LOCKS["pyproject:read"]
_MOVING = re.compile(r"[*+\[\](),]|latest|LATEST|RELEASE|SNAPSHOT|dynamic")
_LOCKABLE = LOCKS.keys() - {"dotnet:read"}
"""Where a missing lock file is a finding; for .NET it is the exception, so that only moving versions are."""


@dataclass(frozen=True, slots=True)
class Package:
    """One version of a package in a project; `paths` are the files that say so."""

    dependency: Dependency
    paths: tuple[str, ...]


def findings(readings: Mapping[str, Reading], paths: Collection[str]) -> dict[str, list[Finding]]:
    """Findings by path. `paths` are those of all manifests and lock files, also of those that are not read."""
    joined = join(readings, paths)
    found = {
        path: [*_about(path, reading, locks_of(path, paths)), *_licences(path, reading, joined)]
        for path, reading in sorted(joined.items())
    }
    return {path: listed for path, listed in found.items() if listed}


def locks_of(path: str, paths: Collection[str]) -> list[str]:
    """Lock files of a manifest, beside it or in a folder above: there are workspaces."""
    kind = kind_of(path) or ""
    names = _PYTHON_LOCKS if kind == "requirements:read" else LOCKS.get(kind, frozenset())
    return [place for folder in _folders(path) for name in sorted(names) if (place := folder + name) in paths]


def _folders(path: str) -> Iterator[str]:
    """The folder of a path and those above, each with its slash; the root is empty."""
    parts = path.split("/")[:-1]
    return ("".join(f"{part}/" for part in parts[:count]) for count in range(len(parts), -1, -1))


def join(readings: Mapping[str, Reading], paths: Collection[str]) -> dict[str, Reading]:
    """Lock files learn from the manifests that they lock which packages are direct."""
    wanted: dict[str, set[str]] = {}
    for path, reading in readings.items():
        for lock in locks_of(path, paths)[:1]:
            wanted.setdefault(lock, set()).update(one.name for one in reading.dependencies)
    return {path: _with_direct(reading, wanted.get(path)) for path, reading in readings.items()}


def _with_direct(reading: Reading, wanted: set[str] | None) -> Reading:
    if wanted is None:
        return reading
    told = (one if one.direct is not None else replace(one, direct=one.name in wanted) for one in reading.dependencies)
    return replace(reading, dependencies=tuple(told))


def _about(path: str, reading: Reading, locks: Sequence[str]) -> Iterator[Finding]:
    kind = kind_of(path)
    if kind in _LOCKABLE and reading.application and reading.dependencies and not locks:
        yield _lock_missing(kind, reading)
    elif not locks and (loose := _loose(kind, reading)):
        yield _unpinned(loose, len(reading.dependencies))
    for url, line in reading.insecure:
        yield _finding(
            "insecure-source",
            "packages from an insecure address",
            f"{url} is not encrypted: whoever is on the way can change what is fetched from there",
            Severity.MEDIUM,
            line,
            url,
            cwe=494,
            fix="Use an address with https.",
        )


def _loose(kind: str | None, reading: Reading) -> list[Dependency]:
    """Those without an exact version, where nothing but this file could fix one."""
    if kind == "requirements:read" and reading.application:
        return [one for one in reading.dependencies if not one.pinned]
    if kind in ("maven:read", "gradle:read", "dotnet:read"):
        return [one for one in reading.dependencies if not one.pinned and _MOVING.search(one.wanted)]
    return []


def _unpinned(loose: Sequence[Dependency], many: int) -> Finding:
    return _finding(
        "unpinned",
        "versions are not fixed",
        f"{len(loose)} of {many} dependencies have no exact version and no lock file fixes one: {_names(loose)}",
        Severity.LOW,
        min(one.line for one in loose),
        "unpinned",
        fix="Write exact versions, or keep a lock file beside this one.",
    )


def _lock_missing(kind: str, reading: Reading) -> Finding:
    names = ", ".join(sorted(LOCKS[kind]))
    return _finding(
        "lock-missing",
        "no lock file",
        f"no lock file fixes the versions of {len(reading.dependencies)} dependencies (looked for {names})",
        Severity.LOW,
        min(one.line for one in reading.dependencies),
        "lock",
        fix="Commit the lock file that your package manager writes.",
    )


def _licences(path: str, reading: Reading, all_: Mapping[str, Reading]) -> Iterator[Finding]:
    own = {one.licence for place, one in all_.items() if place.rpartition("/")[0] in _above(path) and one.licence}
    if any(map(is_strong_copyleft, sorted(own))):
        return
    named = [one for one in reading.dependencies if one.scope == RUNTIME and is_strong_copyleft(one.licence)]
    for one in named[:_MOST_OF_A_FILE]:
        yield _finding(
            "licence",
            "strong copyleft licence",
            f"{one.name} {one.version or one.wanted} is under {one.licence}, which may ask for the same of what uses it",
            Severity.LOW,
            one.line,
            one.name,
            fix="Ask whoever decides on licences, or use another package.",
        )


def _above(path: str) -> set[str]:
    return {folder.rstrip("/") for folder in _folders(path)}


def _finding(
    code: str,
    title: str,
    message: str,
    severity: Severity,
    line: int,
    known_by: str,
    *,
    cwe: int | None = None,
    fix: str,
) -> Finding:
    return Finding(
        rule=f"dependencies/{code}",
        title=title,
        message=message,
        severity=severity,
        confidence=Confidence.HIGH,
        line=line,
        column=1,
        end_line=line,
        end_column=1,
        fingerprint=known_by,
        cwe=cwe,
        fix=fix,
    )


def _names(dependencies: Sequence[Dependency]) -> str:
    names = sorted({one.name for one in dependencies})
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def packages(readings: Mapping[str, Reading], paths: Collection[str]) -> list[Package]:
    """Every version of every package once: from lock files, and from manifests that none of them locks."""
    merged: dict[tuple[str, str, str], tuple[Dependency, set[str]]] = {}
    for path, reading in sorted(join(readings, paths).items()):
        if any(lock in readings and readings[lock].dependencies for lock in locks_of(path, paths)):
            continue
        for one in reading.dependencies:
            key = (one.ecosystem, one.name, one.version)
            known, where = merged.setdefault(key, (one, set()))
            where.add(path)
            merged[key] = _merged(known, one), where
    return [Package(one, tuple(sorted(where))) for _, (one, where) in sorted(merged.items())]


def _merged(one: Dependency, other: Dependency) -> Dependency:
    """What is direct or needed at run time anywhere is so for the project."""
    scope = RUNTIME if RUNTIME in (one.scope, other.scope) else min(one.scope, other.scope)
    direct = True if one.direct or other.direct else one.direct if one.direct is not None else other.direct
    return replace(one, scope=scope, direct=direct, licence=one.licence or other.licence)


def measures(listed: Iterable[Package]) -> dict[str, float]:
    found = [package.dependency for package in listed]
    return {
        "dependencies": len(found),
        "dependencies_direct": sum(one.direct is True for one in found),
        "dependencies_unpinned": sum(not one.pinned for one in found),
        "dependencies_without_licence": sum(not one.licence for one in found),
    }
