"""build.gradle and build.gradle.kts: coordinates that stand there in full. What a script computes is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from functions.analysis.engines.manifests.reading import DEV, RUNTIME, Dependency, Reading, bounded, insecure

_COORDINATES = re.compile(
    r"\b(\w{0,40}(?:implementation|api|compile|compileOnly|runtime|runtimeOnly|annotationProcessor|kapt|classpath))\b"
    r"\s{0,10}\(?\s{0,10}(?:platform\(\s{0,10})?[\"']([\w.-]{1,200}):([\w.-]{1,200}):([^\"':@\s]{1,100})",
    re.IGNORECASE,
)
_MOVING = re.compile(r"[+\[\](),$]|latest\.|SNAPSHOT")
_COMMENT = re.compile(r"^\s*(?://|\*|/\*)")
_REPOSITORY = re.compile(r"\burl\b|\bmaven\b", re.IGNORECASE)


def read(source: str) -> Reading:
    wanted = "\n".join(line if _REPOSITORY.search(line) else "" for line in source.split("\n"))
    return Reading(dependencies=bounded(_found(source)), insecure=insecure(wanted))


def _found(source: str) -> Iterator[Dependency]:
    for number, line in enumerate(source.split("\n"), 1):
        if _COMMENT.match(line):
            continue
        for configuration, group, artifact, wanted in _COORDINATES.findall(line[:2_000]):
            version = "" if _MOVING.search(wanted) else wanted
            scope = DEV if "test" in configuration.lower() else RUNTIME
            name = f"{group}:{artifact}"
            yield Dependency("maven", name, version, wanted, scope, True, bool(version), line=number)
