"""Gemfile.lock: sections of indented lines."""

from __future__ import annotations

import re

from functions.analysis.engines.manifests.reading import Dependency, Reading, bounded, insecure

_SPEC = re.compile(r"^    ([\w.-]{1,200}) \(([^()\s]{1,100})\)$")
_WANTED = re.compile(r"^  ([\w.-]{1,200})(!| |$)")


def read(source: str) -> Reading:
    section = ""
    specs: dict[str, tuple[str, int]] = {}
    direct: set[str] = set()
    for number, line in enumerate(source.replace("\r\n", "\n").split("\n"), 1):
        if line and not line.startswith(" "):
            section = line.strip()
        elif section in ("GEM", "GIT") and (spec := _SPEC.match(line)):
            specs.setdefault(spec[1], (spec[2], number))
        elif section == "DEPENDENCIES" and (wanted := _WANTED.match(line)):
            direct.add(wanted[1])
    found = [
        Dependency("gem", name, version, direct=name in direct, pinned=True, line=line)
        for name, (version, line) in specs.items()
    ]
    return Reading(application=True, dependencies=bounded(found), insecure=insecure(source))
