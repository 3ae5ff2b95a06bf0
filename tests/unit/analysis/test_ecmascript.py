"""JavaScript and TypeScript: measures, symbols, imports and calls of small samples."""

from __future__ import annotations

import pytest

from functions.analysis.engines.grammars import grammar
from functions.analysis.engines.outline import Outline, outline
from tests.unit.analysis.conftest import Read


def _outline(source: str, language: str = "javascript") -> Outline:
    return outline(source.encode(), grammar(language), 1_000)


@pytest.mark.parametrize("language", ["javascript", "typescript", "tsx"])
@pytest.mark.parametrize(
    ("body", "cyclomatic", "cognitive"),
    [
        ("if (a) {} else if (b) {} else {}", 3, 3),
        ("for (const x of a) { if (x) {} }", 3, 3),
        ("do {} while (a); for (;;) { continue out }", 3, 3),
        ("switch (a) { case 1: break; case 2: default: }", 3, 1),
        ("try {} catch (e) {} finally {}", 2, 1),
        ("return a && b && c || d", 4, 2),
        ("return a ?? b ? 1 : 2", 3, 2),
        ("a.map(x => { if (x) y() })", 1, 2),
        ("a ||= b; c ??= d", 3, 0),
        ("const {c = 1, d} = a, [e = 2] = b", 3, 0),
        ("f()", 1, 1),
    ],
)
def test_complexity_by_construct(language: str, body: str, cyclomatic: int, cognitive: int) -> None:
    function = _outline(f"function f(a, b) {{ {body} }}", language).scopes[0]

    assert (function.cyclomatic, function.cognitive, function.parameters) == (cyclomatic, cognitive, 2)


def test_functions_take_the_name_they_are_given() -> None:
    source = """class A extends B.C { #p = () => 1; get v() { return 1 } async *m() {} constructor(a) { super(a) } }
const g = (x) => x, h = function named() {};
const o = { m() {}, p: () => 1 };
obj.prop = function () {};
x => 1;
"""
    found = _outline(source)

    names = [scope.qualified_name for scope in found.scopes]
    assert names == ["A", "A.#p", "A.v", "A.m", "A.constructor", "g", "h", "m", "p", "prop", "(anonymous 1)"]
    assert found.scopes[0].bases == ("B.C",)


def test_typescript_classes_and_interfaces_name_their_bases() -> None:
    source = "abstract class A<T> extends B.C<T> implements I, J<K> {}\ninterface K extends L, M<x> {}\n"

    assert [scope.bases for scope in _outline(source, "typescript").scopes] == [("B.C", "I", "J"), ("L", "M")]


def test_imports_of_all_kinds() -> None:
    source = (
        "import a, {b as c, D} from 'x'; import * as n from \"y\"; import 'z';\n"
        "export * from 'w'; export {k} from 'v';\nconst r = require('u'); await import('t'); other('no');\n"
    )

    found = [(one.module, one.names, one.alias) for one in _outline(source).imports]

    assert found == [
        ("x", (("default", "a"), ("b", "c"), ("D", "")), ""),
        ("y", (), "n"),
        ("z", (), ""),
        ("w", (("*", ""),), ""),
        ("v", (("k", ""),), ""),
        ("u", (), ""),
        ("t", (), ""),
    ]


def test_calls_and_constructions() -> None:
    source = "class A { m() { this.n(1); new Foo.Bar(); a?.b() } }\nfoo();\nconst MAX = 1;\n"
    found = _outline(source)

    assert found.calls == [("this.n", "A.m", 1), ("Foo.Bar", "A.m", 1), ("a.b", "A.m", 1), ("foo", "", 2)]
    assert [constant.name for constant in found.constants] == ["MAX"]


@pytest.mark.parametrize("language", ["javascript", "typescript", "tsx"])
def test_a_default_value_decides(language: str) -> None:
    assert _outline("const f = (a = 1, {b = 2}) => a", language).scopes[0].cyclomatic == 3


def test_a_function_without_a_name_is_no_finding_of_its_own(read: Read) -> None:
    long = "".join(f"  it('{number}', () => {{ call({number}) }})\n" for number in range(220))
    result = read("a.js", f"describe('all', () => {{\n{long}}})\nfunction named() {{\n{long}}}\n")

    assert [(found.rule, found.line) for found in result.findings] == [("coderev/long-function", 223)]
