"""Python: which nodes count, by the rules of radon for cyclomatic and of SonarSource for cognitive complexity.

Cyclomatic +1: if, elif, conditional expression, for, while, each `else` of a loop or try, each except, each and/or, each `for` and `if`
of a comprehension, assert whatever it holds, and each case but one that is a bare name or `_`; a guard adds nothing of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import tree_sitter_python
from tree_sitter import Node

from functions.analysis.engines.grammar import Captures, Grammar, Source, in_order, within
from functions.analysis.engines.scopes import Effect, Scope
from functions.analysis.model import Constant, FunctionKind, Import

QUERY = """
(function_definition name: (identifier) @function.name parameters: (parameters) @function.parameters) @function
(class_definition name: (identifier) @class.name) @class
(function_definition body: (block . (expression_statement (string))? . [
  (function_definition) @wrapped (decorated_definition (function_definition) @wrapped)] . (return_statement) .))
[(if_statement) (conditional_expression) (for_statement) (while_statement) (except_clause)] @branch
(elif_clause) @elif
(if_statement alternative: (else_clause) @else)
(for_statement alternative: (else_clause) @otherwise)
(while_statement alternative: (else_clause) @otherwise)
(try_statement (else_clause) @otherwise)
(match_statement) @match
(case_clause) @case
(boolean_operator) @logical
(boolean_operator left: (boolean_operator operator: "and") @same operator: "and")
(boolean_operator left: (boolean_operator operator: "or") @same operator: "or")
(for_in_clause) @decision
(assert_statement) @assert
(list_comprehension (if_clause) @decision)
(set_comprehension (if_clause) @decision)
(dictionary_comprehension (if_clause) @decision)
(generator_expression (if_clause) @decision)
(lambda) @lambda
(call function: [(identifier) (attribute)] @call)
[(import_statement) (import_from_statement) (future_import_statement)] @import
(module (expression_statement (assignment left: (identifier) @constant)))
(comment) @comment
(module . (comment)* . (expression_statement (string) @comment))
(block . (comment)* . (expression_statement (string) @comment))
[(ERROR) (MISSING)] @error
"""
EFFECTS = {
    "branch": Effect(1, 1, scaled=True, nests=True),
    "elif": Effect(1, 1),
    "else": Effect(0, 1),
    "otherwise": Effect(1, 1),
    "match": Effect(0, 1, scaled=True, nests=True),
    "case": Effect(1, 0),
    "assert": Effect(1, 0),
    "asserted": Effect(-1, 0),
    "irrefutable": Effect(-1, 0),
    "logical": Effect(1, 1),
    "same": Effect(0, -1),
    "decision": Effect(1, 0),
    "lambda": Effect(0, 0, nests=True, control=False),
}
_FUNCTION_CAPTURES = ("function", "function.name", "function.parameters")
_SEPARATORS = frozenset({"comment", "keyword_separator", "positional_separator", "ERROR"})
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_]*")
_BARE_CASE = re.compile(rb"case(?:\s+|\s*\(\s*)(?!(?:None|True|False)\b)[A-Za-z_]\w*[\s)]*(?::|if\b)")
_DOTTED = re.compile(r"[\w.]+")


def scopes(captures: Captures, source: Source) -> list[Scope]:
    wrapped = {node.start_byte for node in captures.get("wrapped", ())}
    functions = zip(*(in_order(captures, name) for name in _FUNCTION_CAPTURES), strict=True)
    classes = zip(in_order(captures, "class"), in_order(captures, "class.name"), strict=True)
    found = [
        _function(node, source.text(name), parameters, node.start_byte in wrapped)
        for node, name, parameters in functions
    ]
    found += [_class(node, source.text(name), source) for node, name in classes]
    captures["asserted"] = list(_asserted(captures))
    bare = (node for node in captures.get("case", ()) if _BARE_CASE.match(source.data, node.start_byte))
    captures["irrefutable"] = list({node.parent.id: node for node in bare if node.parent}.values())
    return found


def _asserted(captures: Captures) -> Iterator[Node]:
    """What would decide, had radon looked into the assert around it."""
    spans = sorted((node.start_byte, node.end_byte) for node in captures.get("assert", ()))
    for name in ("logical", "decision", "branch") if spans else ():
        yield from (node for node in captures.get(name, ()) if within(node.start_byte, spans))


def _function(node: Node, name: str, parameters: Node, wrapped: bool) -> Scope:
    declared = parameters.named_child_count
    if declared:
        declared = sum(child.type not in _SEPARATORS for child in parameters.named_children)
    line, end_line = node.start_point[0] + 1, node.end_point[0] + 1
    return Scope(name, node.start_byte, node.end_byte, line, end_line, FunctionKind.FUNCTION, declared, wrapped=wrapped)


def _class(node: Node, name: str, source: Source) -> Scope:
    listed = node.child_by_field_name("superclasses")
    bases = [_base(child, source) for child in listed.named_children if child.type not in _NO_BASE] if listed else []
    return Scope(
        name, node.start_byte, node.end_byte, node.start_point[0] + 1, node.end_point[0] + 1, bases=tuple(bases)
    )


_NO_BASE = frozenset({"keyword_argument", "comment", "dictionary_splat", "ERROR"})


def _base(node: Node, source: Source) -> str:
    """The dotted name of a base; type arguments and call arguments are dropped, other expressions become `?`."""
    if node.type in ("subscript", "call"):
        inner = node.named_children[0] if node.named_child_count else None
        return _base(inner, source) if inner and inner.type in ("identifier", "attribute") else "?"
    text = source.text(node)
    return text if _DOTTED.fullmatch(text) else "?"


def imports(captures: Captures, source: Source) -> list[Import]:
    found: list[Import] = []
    for node in in_order(captures, "import"):
        if node.type == "import_statement":
            found += [_plain(child, source) for child in node.children_by_field_name("name")]
        else:
            found.append(_from(node, source))
    return found


def _plain(node: Node, source: Source) -> Import:
    module, alias = _aliased(node, source)
    return Import(module, (), alias, 0, node.start_point[0] + 1)


def _from(node: Node, source: Source) -> Import:
    origin = node.child_by_field_name("module_name")
    path = source.text(origin).replace(" ", "") if origin else "__future__"
    module = path.lstrip(".")
    names = tuple(_aliased(child, source) for child in node.children_by_field_name("name"))
    return Import(module, names or (("*", ""),), "", len(path) - len(module), node.start_point[0] + 1)


def _aliased(node: Node, source: Source) -> tuple[str, str]:
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    return (source.text(name), source.text(alias)) if name and alias else (source.text(node), "")


def constants(captures: Captures, source: Source) -> list[Constant]:
    named = ((source.text(node), node.start_point[0] + 1) for node in in_order(captures, "constant"))
    return [Constant(name, line) for name, line in named if _CAPITALS.fullmatch(name)]


PYTHON = Grammar("python", tree_sitter_python.language, QUERY, EFFECTS, scopes, imports, constants, ("self.", "cls."))
