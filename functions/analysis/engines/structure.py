"""Reads one content: gates first, then lines, and in parsed languages its outline."""

from __future__ import annotations

from dataclasses import replace

from functions.analysis.engines import measures, text
from functions.analysis.engines.grammars import grammar
from functions.analysis.engines.languages import PARSED
from functions.analysis.engines.lexical import comments
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.outline import Outline, TooDeep, outline
from functions.analysis.engines.scopes import Scope
from functions.analysis.engines.unit import Content, Unit
from functions.analysis.model import Class, Function, Status


def read(content: Content, limits: Limits) -> Unit:
    """Return the unit with lines, metrics and outline, or with the reason why it has none."""
    unit = Unit(content)
    if text.is_binary(content.data):
        return _stop(unit, Status.SKIPPED, "binary")
    unit.text = text.decode(content.data, cookie=content.language.name == "python")
    unit.notes += unit.text.notes
    unit.generated = text.is_generated(unit.text.data)
    reason = _gate(unit, limits)
    if reason == "too-large":
        unit.metrics = replace(unit.metrics, lines=text.line_count(unit.text.data))
        return _stop(unit, Status.SKIPPED, reason)
    if not reason:
        try:
            return _parsed(unit, limits)
        except TooDeep:
            reason = "nesting"
    return _lexical(unit, reason)


def _stop(unit: Unit, status: Status, reason: str) -> Unit:
    unit.status, unit.reason = status, reason
    return unit


def _gate(unit: Unit, limits: Limits) -> str:
    data = unit.text.data
    if len(data) > limits.file_bytes:
        return "too-large"
    if unit.content.language.name not in PARSED:
        return "unsupported-language"
    if text.longest_line(data) > limits.line_bytes:
        return "long-line"
    return "nesting" if text.nests_deeper(data, limits.nesting) else ""


def _lexical(unit: Unit, reason: str) -> Unit:
    data = unit.text.data
    code = measures.without(data, comments(data, unit.content.language.name))
    unit.code = code
    unit.metrics = measures.lines(data, code)
    return _stop(unit, Status.LEXICAL, reason)


def _parsed(unit: Unit, limits: Limits) -> Unit:
    data = unit.text.data
    found = outline(data, grammar(unit.content.language.name), limits.depth)
    unit.code = code = measures.without(data, found.comments)
    functions = [scope for scope in found.scopes if scope.kind is not None]
    unit.functions = [_function(scope) for scope in functions]
    unit.classes = [_class(scope) for scope in found.scopes if scope.kind is None and scope.listed]
    unit.constants, unit.imports, unit.calls = [*found.constants], [*found.imports], [*found.calls]
    unit.errors = [*found.errors]
    lines = measures.lines(data, code)
    index = measures.maintainability(code, lines, functions)
    unit.metrics = replace(lines, maintainability=index, **_sums(found, functions))
    return _stop(unit, Status.PARTIAL, "syntax-error") if found.errors else unit


def _sums(found: Outline, functions: list[Scope]) -> dict[str, int]:
    """Sums of the file; every scope but a function starts at 1 for no path of its own."""
    plain = len(found.scopes) - len(functions) + 1
    return {
        "functions": len(functions),
        "classes": sum(scope.kind is None and scope.listed for scope in found.scopes),
        "cyclomatic": sum(scope.cyclomatic for scope in found.scopes) + found.module.cyclomatic - plain,
        "cognitive": found.module.cognitive,
        "max_cyclomatic": max((scope.cyclomatic for scope in functions), default=0),
        "max_cognitive": max((scope.cognitive for scope in functions), default=0),
        "max_nesting": max((scope.nesting for scope in functions), default=0),
    }


def _function(scope: Scope) -> Function:
    assert scope.kind is not None, "classes have no kind"
    return Function(
        scope.name,
        scope.qualified_name,
        scope.kind,
        scope.line,
        scope.end_line,
        scope.parameters,
        scope.cyclomatic,
        scope.cognitive,
        scope.nesting,
    )


def _class(scope: Scope) -> Class:
    return Class(scope.name, scope.qualified_name, scope.line, scope.end_line, scope.bases)
