"""Python: measures, symbols, imports and calls of small samples."""

from __future__ import annotations

import pytest

from functions.analysis.engines.limits import Limits
from functions.analysis.engines.outline import Outline, outline
from functions.analysis.engines.python import PYTHON
from functions.analysis.model import Constant, FunctionKind, Import


def _outline(source: str) -> Outline:
    return outline(source.encode(), PYTHON, Limits().depth)


@pytest.mark.parametrize(
    ("body", "cyclomatic", "cognitive", "nesting"),
    [
        ("return 1", 1, 0, 0),
        ("if a: pass\n elif b: pass\n else: pass", 3, 3, 1),
        ("for x in a:\n  if x:\n   while x: pass", 4, 6, 3),
        ("return a and b and c or d", 4, 2, 0),
        ("return a and (b or c)", 3, 2, 0),
        ("return 1 if a else 2 if b else 3", 3, 3, 2),
        ("try: pass\n except A: pass\n except B:\n  if a: pass\n else: pass\n finally: pass", 5, 5, 2),
        ("for x in a: pass\n else: pass", 3, 2, 1),
        ("return [x for x in a if x for y in x]", 4, 0, 0),
        ("match a:\n  case 1: pass\n  case str(x) if x: pass\n  case _: pass", 3, 1, 1),
        ("match a:\n  case b if b: pass\n  case (c): pass\n  case None: pass", 3, 1, 1),
        ("assert a and b or [c for c in d if c], e if f else g", 2, 3, 1),
        ("assert a", 2, 0, 0),
        ("return lambda: 1 if a else 2", 2, 2, 1),
        ("return f()", 1, 1, 0),
    ],
)
def test_complexity_by_construct(body: str, cyclomatic: int, cognitive: int, nesting: int) -> None:
    function = _outline(f"def f(a):\n {body}\n").scopes[0]

    assert (function.cyclomatic, function.cognitive, function.nesting) == (cyclomatic, cognitive, nesting)


def test_the_white_papers_example_of_nesting() -> None:
    source = """
def my_method():
    try:
        if condition1:                 # +1
            for i in range(10):        # +2
                while condition2: ...  # +3
    except (ExcepType1, ExcepType2):   # +1
        if condition2: ...             # +2
"""

    assert _outline(source).scopes[0].cognitive == 9


def test_a_closure_counts_for_itself_and_deeper_for_the_function_around_it() -> None:
    outer, inner = _outline("def outer(a):\n x = 1\n def inner():\n  if a: pass\n inner()\n").scopes

    assert (inner.cyclomatic, inner.cognitive) == (2, 1)
    assert (outer.cyclomatic, outer.cognitive) == (1, 2)


def test_a_decorator_adds_no_level() -> None:
    outer, inner = _outline(
        "def deco(f):\n '''Doc.'''\n @wraps(f)\n def inner():\n  if f: pass\n return inner\n"
    ).scopes

    assert (outer.cognitive, inner.cognitive) == (1, 1)


def test_sums_of_a_file_count_the_module_too() -> None:
    found = _outline("if a:\n b()\nclass C:\n if c: x = 1\n def m(self):\n  if d: pass\n")

    assert found.module.cognitive == 3
    assert [scope.cyclomatic for scope in found.scopes] == [2, 2]


def test_symbols_carry_qualified_names_lines_and_parameters() -> None:
    source = """
class A(B, c.D[int], metaclass=M, **more):
    async def m(self, /, a: int = 1, *, b, **k):
        def inner(): pass
class E(make()): pass
@decorated
def f(*args): pass
LIMIT: int = 3
lower = 4
"""
    a, method, inner, e, f = _outline(source).scopes

    assert (a.qualified_name, a.bases, a.line, a.end_line) == ("A", ("B", "c.D"), 2, 4)
    assert (method.qualified_name, method.kind, method.parameters) == ("A.m", FunctionKind.METHOD, 4)
    assert (inner.qualified_name, inner.kind) == ("A.m.inner", FunctionKind.CLOSURE)
    assert e.bases == ("make",)
    assert (f.kind, f.line, f.parameters) == (FunctionKind.FUNCTION, 7, 1)
    assert _outline(source).constants == [Constant("LIMIT", 8)]


def test_imports() -> None:
    source = "import a.b as c, d\nfrom ..p.q import (x as y, z)\nfrom . import e\nfrom f import *\nfrom __future__ import g\n"

    assert _outline(source).imports == [
        Import("a.b", (), "c", 0, 1),
        Import("d", (), "", 0, 1),
        Import("p.q", (("x", "y"), ("z", "")), "", 2, 2),
        Import("", (("e", ""),), "", 1, 3),
        Import("f", (("*", ""),), "", 0, 4),
        Import("__future__", (("g", ""),), "", 0, 5),
    ]


def test_calls_name_the_callee_and_the_function_around_it() -> None:
    source = "@deco(1)\ndef f(a=d()):\n g(h(a))\n a.b.c()\n a().b()\n a[0]()\nf()\n"

    assert _outline(source).calls == [
        ("deco", "", 1),
        ("d", "f", 2),
        ("g", "f", 3),
        ("h", "f", 3),
        ("a.b.c", "f", 4),
        ("?.b", "f", 5),
        ("a", "f", 5),
        ("f", "", 7),
    ]
