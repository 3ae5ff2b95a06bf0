"""This repository's own imports, as the graph sees them and as grimp does, from which import-linter judges."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import grimp
import pytest
import yaml

from functions.analysis.architecture.checking import check
from functions.analysis.architecture.contracts import read
from functions.analysis.architecture.modules import Names
from functions.analysis.codeowners import Owners
from functions.analysis.engines import structure
from functions.analysis.engines.codec import _CLASS, _FUNCTION, _IMPORT
from functions.analysis.engines.languages import detect
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.unit import Content
from functions.analysis.graph import Part
from functions.analysis.parts import Parts
from functions.analysis.resolution.linking import Linker
from functions.analysis.resolution.modules import Modules
from functions.analysis.resolution.names import Names as Known
from functions.analysis.resolution.names import names_of

ROOT = Path(__file__).parents[3]
PACKAGES = {"functions": "functions", "kernel": "layers/kernel/python/kernel"}
ROOTS = ("layers/kernel/python", "")


def known(path: Path) -> Known:
    unit = structure.read(Content("", detect(str(path), b""), path.read_bytes()), Limits())
    outline = {"functions": map(_FUNCTION, unit.functions), "classes": map(_CLASS, unit.classes)}
    return names_of(
        {**outline, "language": "python", "constants": [], "imports": [_IMPORT(one) for one in unit.imports]}
    )


@pytest.fixture(scope="module")
def ours() -> Mapping[str, Part]:
    paths = sorted(path for folder in PACKAGES.values() for path in (ROOT / folder).rglob("*.py"))
    files = {path.relative_to(ROOT).as_posix(): known(path) for path in paths}
    modules = Modules(files)
    linker, parts = Linker(modules, files.get), Parts(modules, files, Owners(""))
    nothing = {"callers": [], "calls": []}
    return {path: parts.of(path, own, linker.link(path, own, nothing)) for path, own in files.items()}


@pytest.fixture(scope="module")
def theirs() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


def test_imports_are_those_of_grimp(ours, theirs):
    """But for names that a package binds and that one of its modules has too: they mean what the package binds."""
    names = Names(ours, ROOTS).of

    found = {(names[path], names[target]) for path, part in ours.items() for target in part.linked.imports}

    inside = set(names.values())
    expected = {
        (importer, imported)
        for importer in inside
        for imported in theirs.find_modules_directly_imported_by(importer)
        if imported in inside
    }
    bound = {names[path]: known(ROOT / path).bindings for path in ours if path.endswith("__init__.py")}
    taken = {pair for pair in expected - found if _parts(pair[1])[1] in bound.get(_parts(pair[1])[0], ())}
    assert expected - found == taken
    assert found - expected <= {(importer, _parts(imported)[0]) for importer, imported in taken}
    assert len(expected) > 1_000


def _parts(module: str) -> tuple[str, str]:
    package, _, name = module.rpartition(".")
    return package, name


def test_libraries_are_those_of_grimp(ours, theirs):
    names = Names(ours, ROOTS).of

    found = {(names[path], one.partition(".")[0]) for path, part in ours.items() for one in part.externals}

    inside = set(names.values())
    expected = {
        (importer, imported)
        for importer in inside
        for imported in theirs.find_modules_directly_imported_by(importer)
        if imported not in inside
    }
    assert found - {pair for pair in found if pair[1] == "__future__"} == expected - {
        pair for pair in expected if pair[1] == "__future__"
    }


def test_own_contracts_are_kept_as_import_linter_says(ours):
    given = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    inside = [one for one in given if not {"cli", "emulator", "infra"} & {*one.get("source_modules", ())}]
    for one in inside:
        if one["type"] == "forbidden":
            one["forbidden_modules"] = [
                name for name in one["forbidden_modules"] if name not in ("cli", "emulator", "infra")
            ]
            one.setdefault("ignore_imports", [])
    text = yaml.safe_dump({"roots": ["layers/kernel/python", "."], "contracts": inside})
    edges = [(path, target) for path, part in ours.items() for target in part.linked.imports]

    verdicts = check(read(text), edges, {path: part.externals for path, part in ours.items()}, ours)

    assert len(verdicts) == len(inside) >= 4
    assert [(one.contract.name, one.violations, one.stale) for one in verdicts if one.violations or one.stale] == []


def test_a_contract_that_is_broken_is_broken_for_both(ours, theirs):
    text = "contracts: [{name: x, type: layers, containers: [functions.analysis], layers: [model, service, routes]}]"
    edges = [(path, target) for path, part in ours.items() for target in part.linked.imports]

    (verdict,) = check(read(text), edges, {}, ours)

    expected = theirs.find_illegal_dependencies_for_layers(
        layers=["model", "service", "routes"], containers={"functions.analysis"}
    )
    assert {(one.importer, one.imported) for one in verdict.violations} == {
        (one.importer, one.imported) for one in expected
    }
    assert expected
