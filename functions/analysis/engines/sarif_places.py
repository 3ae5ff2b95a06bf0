"""Where in the repository a SARIF result is: addresses, their bases and their escapes become a path, or there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

LONGEST = 4_096  # bytes of a path
_DRIVE = re.compile(r"/?[A-Za-z]:[\\/]")
_BASES = 8  # that may stand on each other


class Elsewhere(ValueError):
    """Not in the repository; the message is a reason that results are counted under."""


def path_of(run: Mapping[str, Any], location: Mapping[str, Any]) -> str:
    """The path from the repository's root, without `.` and `..`. Raises Elsewhere.

    A base that is named but has no address of its own, such as the usual %SRCROOT%, is the root of the repository.
    """
    location = _indexed(run, location)
    address, base = location.get("uri"), location.get("uriBaseId")
    if not isinstance(address, str) or not address or len(address) > 3 * LONGEST:
        raise Elsewhere("without a place")
    if _absolute(address):
        return _tidy(_inside(run, address))
    return _tidy("/".join((_prefix(run, base), _decoded(address))))


def _indexed(run: Mapping[str, Any], location: Mapping[str, Any]) -> Mapping[str, Any]:
    """A location may only point into the run's list of artifacts."""
    index, artifacts = location.get("index"), run.get("artifacts")
    if "uri" in location or not isinstance(index, int) or not isinstance(artifacts, list):
        return location
    found = artifacts[index] if 0 <= index < len(artifacts) else None
    inner = found.get("location") if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else location


def _prefix(run: Mapping[str, Any], base: object) -> str:
    """The way from the root to a base: what is relative in the chain of bases that it stands on."""
    parts: list[str] = []
    known = run.get("originalUriBaseIds")
    for _ in range(_BASES):
        given = known.get(base) if isinstance(known, dict) and isinstance(base, str) else None
        if not isinstance(given, dict):
            break
        address = given.get("uri")
        if isinstance(address, str) and _absolute(address):
            break
        parts.append(_decoded(address) if isinstance(address, str) else "")
        base = given.get("uriBaseId")
    return "/".join(reversed(parts))


def _inside(run: Mapping[str, Any], address: str) -> str:
    """What an absolute address adds to the longest absolute base that it begins with. Raises Elsewhere."""
    known = run.get("originalUriBaseIds")
    given = [one.get("uri") for one in known.values() if isinstance(one, dict)] if isinstance(known, dict) else []
    roots = sorted({one for one in given if isinstance(one, str) and _absolute(one)}, key=lambda one: (-len(one), one))
    target = _local(address)
    for root in roots:
        folder = _local(root).rstrip("/") + "/"
        if len(folder) > 1 and target.startswith(folder):
            return target.removeprefix(folder)
    raise Elsewhere("outside the repository")


def _absolute(address: str) -> bool:
    return address.startswith(("/", "\\")) or ":" in address.partition("/")[0] or bool(_DRIVE.match(address))


def _local(address: str) -> str:
    """The path of an address on the machine where the tool ran. Raises Elsewhere."""
    if _DRIVE.match(address) or address.startswith(("/", "\\")):
        return _decoded(address)
    try:
        parts = urlsplit(address)
    except ValueError as bad:
        raise Elsewhere("without a place") from bad
    if parts.scheme != "file":
        raise Elsewhere("outside the repository")
    return _decoded(parts.path)


def _decoded(address: str) -> str:
    """Raises Elsewhere."""
    try:
        return unquote_to_bytes(address).decode().replace("\\", "/")
    except UnicodeError as bad:
        raise Elsewhere("without a place") from bad


def _tidy(path: str) -> str:
    """Raises Elsewhere if the path leaves the repository."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                raise Elsewhere("outside the repository")
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    found = "/".join(parts)
    if not found or "\0" in found or len(found.encode()) > LONGEST:
        raise Elsewhere("without a place")
    return found
