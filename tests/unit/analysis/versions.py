"""A version of a few files in many languages, read and linked without a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from functions.analysis.engines.languages import detect
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.structure import read
from functions.analysis.engines.unit import Content, Unit
from functions.analysis.resolution.linking import Linked, Linker
from functions.analysis.resolution.modules import Modules
from functions.analysis.resolution.names import names_of


def unit(path: str, text: str) -> Unit:
    data = text.encode()
    return read(Content("", detect(path, data), data), Limits())


def outlined(one: Unit) -> dict[str, Any]:
    return {
        "language": one.content.language.name,
        "functions": [astuple(function) for function in one.functions],
        "classes": [astuple(found) for found in one.classes],
        "constants": [],
        "imports": [astuple(found) for found in one.imports],
    }


def link(files: Mapping[str, str]) -> dict[str, Linked]:
    """Every file of a version tied to the others."""
    units = {path: unit(path, text) for path, text in files.items()}
    tables = {path: names_of(listed(outlined(one))) for path, one in units.items()}
    linker = Linker(Modules(files), tables.get)
    return {path: linker.link(path, tables[path], _calls(one)) for path, one in units.items()}


def listed(outline: dict[str, Any]) -> dict[str, Any]:
    """As JSON has it: pairs are lists."""
    rows = [(module, [list(pair) for pair in names], *rest) for module, names, *rest in outline["imports"]]
    return outline | {"imports": rows}


def _calls(one: Unit) -> dict[str, Any]:
    callers = sorted({caller for _, caller, _ in one.calls})
    return {"callers": callers, "calls": [(callee, callers.index(caller), line) for callee, caller, line in one.calls]}


def edges(linked: Linked) -> set[tuple[str, str, str]]:
    return {(caller, path, name) for caller, path, name, _ in linked.calls}
