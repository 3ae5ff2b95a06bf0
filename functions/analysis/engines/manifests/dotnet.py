"""*.csproj (and other MSBuild projects) and packages.lock.json of NuGet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from functions.analysis.engines.manifests import jsons
from functions.analysis.engines.manifests.reading import Dependency, Reading, bounded, lines_of, table, text
from functions.analysis.engines.manifests.xmls import document, said, tag

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MOVING = re.compile(r"[*\[\](),$]")


def read(source: str) -> Reading:
    """Raises Malformed."""
    lines = lines_of(source)
    root = document(source)
    found = [_reference(one, lines) for one in root.iter() if tag(one) == "PackageReference" and one.get("Include")]
    outputs = {(one.text or "").strip() for one in root.iter() if tag(one) == "OutputType"}
    return Reading(application=bool(outputs & {"Exe", "WinExe"}), dependencies=bounded(found))


def _reference(one: Element, lines: dict[str, int]) -> Dependency:
    """A bare version is the least one that NuGet takes, and the one it takes if it can: pinned enough with a lock."""
    name = text(one.get("Include"))
    wanted = text(one.get("Version")) or said(one, "Version")
    version = "" if _MOVING.search(wanted.strip("[]")) else wanted.strip("[]")
    return Dependency("nuget", name, version, wanted, direct=True, pinned=bool(version), line=lines.get(name, 1))


def read_lock(source: str) -> Reading:
    """Raises Malformed."""
    document_, lines = jsons.document(source), lines_of(source)
    found = [
        Dependency(
            "nuget",
            text(name),
            text(table(one).get("resolved")),
            direct=table(one).get("type") == "Direct",
            pinned=True,
            line=lines.get(name, 1),
        )
        for framework in table(document_.get("dependencies")).values()
        for name, one in table(framework).items()
        if table(one).get("type") != "Project"
    ]
    return Reading(dependencies=bounded(found))
