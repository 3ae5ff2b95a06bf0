"""Our figures against the tools that set the standard, on the code of the standard library."""

from __future__ import annotations

import ast
import io
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bandit.core.config import BanditConfig
from bandit.core.manager import BanditManager
from radon.visitors import Class, ComplexityVisitor, Function

from functions.analysis.engines import security
from functions.analysis.engines.outline import outline
from functions.analysis.engines.python import PYTHON
from functions.analysis.engines.scale import BANDIT_SKIPPED

LIBRARY = Path(sysconfig.get_path("stdlib"))
FILES = sorted(LIBRARY.glob("*.py"))


def _radon(block: Function | Class) -> Iterator[Function]:
    if isinstance(block, Class):
        for inner in (*block.methods, *block.inner_classes):
            yield from _radon(inner)
    else:
        yield block
        for closure in block.closures:
            yield from _radon(closure)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_cyclomatic_complexity_equals_radons_for_999_of_1000_functions() -> None:
    """The rest: radon leaves out decisions in default values and in the decorators of nested functions, and does not know `except*`."""
    same = total = 0
    for file in FILES:
        data = file.read_bytes()
        ours = {scope.line: scope.cyclomatic for scope in outline(data, PYTHON, 1_000).scopes if scope.kind}
        visitor = ComplexityVisitor.from_ast(ast.parse(data))
        for block in (*visitor.functions, *visitor.classes):
            for function in _radon(block):
                total += 1
                same += ours.get(function.lineno) == function.complexity

    assert total > 5_000
    assert same / total >= 0.999


def _bandit(data: bytes) -> list[Any]:
    """All of bandit, as its own command runs it."""
    manager = BanditManager(BanditConfig(), "file", profile={"exclude": set(BANDIT_SKIPPED)})
    manager._parse_file("<content>", io.BytesIO(data), ["<content>"])
    return sorted(map(repr, map(security._finding, manager.results)))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("remainder", range(4))
def test_bandit_finds_the_same_when_it_visits_only_what_may_concern_it(remainder: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for file in FILES[remainder::12]:
            data = file.read_bytes()
            ours = security.scan(data) if security._WORDS.search(data) else []

            assert sorted(map(repr, ours)) == _bandit(data), file.name


def test_inline_exceptions_of_bandit_hold() -> None:
    source = b"import pickle\npickle.loads(x)  # nosec\npickle.loads(y)  # nosec B602\npickle.loads(z)\n"

    assert [finding.line for finding in security.scan(source)] == [3, 4]
