"""go.mod, in which every version is exact, and go.sum, which is there or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from functions.analysis.engines.manifests.reading import Dependency, Malformed, Reading, bounded, text

_MODULE = re.compile(r"^module\s+\"?([^\s\"]{1,300})", re.MULTILINE)
_REQUIRED = re.compile(r"^(?:require\s+)?([\w.~/-]{1,300})\s+(v[\w.+-]{1,100})\s*(//\s*indirect)?")
_BLOCK = re.compile(r"^(\w+)\s*\($")


def read(source: str) -> Reading:
    """Raises Malformed."""
    module = _MODULE.search(source)
    if module is None:
        raise Malformed("no module")
    return Reading(name=text(module[1]), application=True, dependencies=bounded(_required(source)))


def _required(source: str) -> Iterator[Dependency]:
    block = ""
    for number, raw in enumerate(source.split("\n"), 1):
        line = raw.strip()
        if opened := _BLOCK.match(line):
            block = opened[1]
        elif line == ")":
            block = ""
        elif (block == "require" or line.startswith("require ")) and (found := _REQUIRED.match(line)):
            yield Dependency("golang", found[1], found[2], "", direct=not found[3], pinned=True, line=number)


def read_sums(source: str) -> Reading:
    """What it holds is in go.mod too; that it is there is what counts."""
    return Reading()
