"""Cyclomatic complexity beside lizard and radon, function by function, with every difference and its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import lizard
import pytest
from radon.visitors import Class, ComplexityVisitor
from radon.visitors import Function as Block

from functions.analysis.engines.grammars import grammar
from functions.analysis.engines.languages import PARSED, detect
from functions.analysis.engines.outline import outline
from functions.analysis.engines.scopes import Scope

FIXTURES = Path(__file__).parents[2] / "fixtures" / "languages"
FILES = sorted(path.name for path in FIXTURES.iterdir())

DIFFERENCES = {
    "till.cpp": {
        "shop.Till.Till": (2, 1, "lizard leaves out the initialisers of a constructor"),
        "shop.Till.loops": (5, 6, "lizard takes the && of `auto&&` in a range for an operator"),
        "shop.words": (3, 1, "lizard does not know `and` and `or`"),
    },
    "Till.cs": {
        "Shop.Tills.Till.Each": (2, 1, "lizard does not know foreach"),
        "Shop.Tills.Till.Arms": (3, 1, "lizard does not know the arms of a switch expression"),
        "Shop.Tills.Till.Nulls": (4, 5, "lizard takes the ? of a nullable type for a conditional"),
        "Shop.Tills.Till.Later": (2, 3, "lizard adds a local function to the one around it; ours is listed itself"),
    },
    "till.php": {
        "Shop.Till.Till.arms": (4, 2, "lizard counts a match once, ours each arm but default, as cases"),
        "Shop.Till.Till.nulls": (2, 2, "lizard takes the ? of a nullable type for a conditional, and not ?:"),
        "Shop.Till.Till.words": (3, 1, "lizard does not know `and` and `or`"),
    },
    "till.py": {
        "Till.loops": (7, 6, "lizard leaves out the else of a loop; radon counts it"),
        "Till.checked": (2, 1, "lizard leaves out assert; radon counts it"),
        "cases": (3, 4, "lizard counts `case _`; radon does not"),
    },
    "till.rb": {
        "Shop.Till.loops": (5, 4, "lizard ends a method at the end of a loop within a loop"),
        "Shop.Till.negated": (3, 1, "lizard does not know unless"),
        "Shop.Till.patterns": (4, 2, "lizard does not know `in` of a case"),
        "Shop.Till.risky": (2, 3, "lizard counts ensure, which decides nothing"),
    },
    "till.rs": {
        "Till.bounded": (1, 2, "lizard takes `where` for a condition"),
        "later": (3, 4, "lizard takes the || of a closure without parameters for an operator"),
    },
}
"""File to function to (ours, lizard's, why)."""
ONLY_OURS = {
    "Till.cs": {
        "Shop.Tills.Till.Sum.get": "accessors are no functions to lizard",
        "Shop.Tills.Till.Sum.set": "it lists an `if` of an accessor instead",
        "Shop.Tills.Till.Choose": "it lists the `else if` instead, as it lost count in the accessors",
        "Shop.Tills.Till.Later.Local": "a local function belongs to the one around it there",
    },
    "till.rs": {"Priced.free": "it goes on from a signature without a body to the next function"},
}


@cache
def _scopes(file: str) -> dict[str, Scope]:
    data = (FIXTURES / file).read_bytes()
    found = outline(data, grammar(detect(file, data).name), 1_000)
    assert not found.errors
    return {scope.qualified_name: scope for scope in found.scopes if scope.kind is not None}


def _lizard(file: str) -> dict[int, int]:
    listed = lizard.analyze_file.analyze_source_code(file, (FIXTURES / file).read_text()).function_list
    return {function.start_line: function.cyclomatic_complexity for function in listed}


def test_each_parsed_language_has_a_fixture() -> None:
    assert {detect(file, (FIXTURES / file).read_bytes()).name for file in FILES} == PARSED - {"tsx"}


@pytest.mark.parametrize("file", FILES)
def test_cyclomatic_complexity_is_lizards_but_for_the_listed_differences(file: str) -> None:
    theirs, differences, only = _lizard(file), DIFFERENCES.get(file, {}), ONLY_OURS.get(file, {})

    compared = {name: scope for name, scope in _scopes(file).items() if name not in only}
    assert {name: scope.cyclomatic for name, scope in compared.items()} == {
        name: differences[name][0] if name in differences else theirs.get(scope.line)
        for name, scope in compared.items()
    }
    assert {name: theirs[_scopes(file)[name].line] for name in differences} == {
        name: theirs for name, (_, theirs, _) in differences.items()
    }
    assert len(compared) >= 5


def test_cyclomatic_complexity_of_python_is_radons() -> None:
    visitor = ComplexityVisitor.from_ast(ast.parse((FIXTURES / "till.py").read_text()))
    theirs = {
        block.lineno: block.complexity for one in (*visitor.functions, *visitor.classes) for block in _blocks(one)
    }

    assert {scope.line: scope.cyclomatic for scope in _scopes("till.py").values()} == theirs


def _blocks(block: Block | Class) -> Iterator[Block]:
    for inner in (*block.methods, *block.inner_classes) if isinstance(block, Class) else block.closures:
        yield from _blocks(inner)
    if isinstance(block, Block):
        yield block
