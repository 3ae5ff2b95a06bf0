"""yarn.lock of classic Yarn: blocks whose head names what was wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from functions.analysis.engines.manifests.reading import Dependency, Malformed, Reading, bounded, insecure, text

_HEAD = re.compile(r"^\"?((?:@[^@\s\"/]{1,214}/)?[^@\s\",]{1,214})@[^\n]*:$")
_VERSION = re.compile(r"^  version:? \"?([^\s\"]{1,100})\"?$")


def read(source: str) -> Reading:
    """Raises Malformed."""
    if "yarn lockfile v1" not in source[:400] and "__metadata:" not in source:
        raise Malformed("not a lock file of Yarn")
    return Reading(dependencies=bounded(_locked(source)), insecure=insecure(source))


def _locked(source: str) -> Iterator[Dependency]:
    name, start = "", 0
    for number, line in enumerate(source.replace("\r\n", "\n").split("\n"), 1):
        if head := _HEAD.match(line):
            name, start = head[1], number
        elif name and (found := _VERSION.match(line)):
            if found[1] != "0.0.0-use.local":
                yield Dependency("npm", text(name), found[1], "", direct=None, pinned=True, line=start)
            name = ""
