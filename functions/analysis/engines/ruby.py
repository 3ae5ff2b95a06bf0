"""Ruby: which nodes count.

Cyclomatic +1: if, unless, elsif, while, until, for, when, in, rescue, ?:, &&, ||, and, or, &&= and ||=. A block or lambda belongs to the
method around it. Modules are classes; what a class includes, extends or prepends is a base beside its superclass.
"""

from __future__ import annotations

import tree_sitter_ruby
from tree_sitter import Node

from functions.analysis.engines import blocks
from functions.analysis.engines.grammar import Called, Captures, Grammar, Source, in_order
from functions.analysis.engines.scopes import Scope
from functions.analysis.engines.words import words
from functions.analysis.model import Import

QUERY = """
[(method) (singleton_method)] @function
[(class name: (_)) (module name: (_))] @class
[(if) (unless)] @if
[(if_modifier) (unless_modifier) (conditional) (while) (until) (while_modifier) (until_modifier) (for) (rescue) (rescue_modifier)] @branch
(elsif) @elif
[(if alternative: (else) @else) (unless alternative: (else) @else) (elsif alternative: (else) @else)]
[(case) (case_match)] @switch
[(when) (in_clause) (if_guard) (unless_guard)] @case
(binary operator: ["&&" "||" "and" "or"]) @logical
(binary left: (binary operator: "&&") @same operator: "&&")
(binary left: (binary operator: "||") @same operator: "||")
(binary left: (binary operator: "and") @same operator: "and")
(binary left: (binary operator: "or") @same operator: "or")
(operator_assignment operator: ["&&=" "||="]) @decision
[(block) (do_block) (lambda)] @nameless
(call) @called
(call !receiver method: (identifier) @loader arguments: (argument_list . (string) @load .))
(call !receiver method: (identifier) @mixer arguments: (argument_list)) @mix
(program (assignment left: (constant) @constant))
(body_statement (assignment left: (constant) @constant))
(comment) @comment
[(ERROR) (MISSING)] @error
"""
_NONE = frozenset[str]()
_MIXERS = frozenset(words("include extend prepend"))
_LOADERS = frozenset(words("require require_relative load"))
_SIMPLE = frozenset(words("self constant identifier scope_resolution instance_variable"))


def scopes(captures: Captures, source: Source) -> list[Scope]:
    found = [_function(node, source) for node in captures.get("function", ())]
    classes = [_class(node, source) for node in captures.get("class", ())]
    _mix(classes, captures, source)
    return found + classes


def _function(node: Node, source: Source) -> Scope:
    listed = node.child_by_field_name("parameters")
    return blocks.function(node, blocks.name_of(node, source), blocks.count(listed, but=_NONE))


def _class(node: Node, source: Source) -> Scope:
    base = node.child_by_field_name("superclass")
    bases = [blocks.dotted(source.text(base).lstrip("< "))] if base else []
    return blocks.klass(node, blocks.dotted(blocks.name_of(node, source)), bases)


def _mix(classes: list[Scope], captures: Captures, source: Source) -> None:
    """`include A` at the level of a class adds A to its bases."""
    spans = {(scope.start, scope.end): scope for scope in classes}
    for node in in_order(captures, "mix"):
        holder = node.parent.parent if node.parent else None
        scope = spans.get((holder.start_byte, holder.end_byte)) if holder else None
        if scope is not None and blocks.name_of(node, source, "method") in _MIXERS:
            listed = node.child_by_field_name("arguments")
            scope.bases += tuple(blocks.types(listed.named_children, source)) if listed else ()


def calls(captures: Captures, source: Source) -> list[Called]:
    found = []
    for node in in_order(captures, "called"):
        name, receiver = node.child_by_field_name("method"), node.child_by_field_name("receiver")
        if name is not None:
            text = source.data[name.start_byte : name.end_byte]
            found.append((node.start_byte, node.start_point[0], _receiver(receiver, source) + text))
    return found


def _receiver(node: Node | None, source: Source) -> bytes:
    if node is None:
        return b""
    return source.data[node.start_byte : node.end_byte].replace(b"@", b"") + b"." if node.type in _SIMPLE else b"?."


def imports(captures: Captures, source: Source) -> list[Import]:
    """`require_relative` and a leading dot begin beside the file: level 1."""
    found = []
    for loader, path in zip(in_order(captures, "loader"), in_order(captures, "load"), strict=True):
        how = source.text(loader)
        if how in _LOADERS:
            text = source.text(path).strip("\"'")
            relative = how == "require_relative" or text.startswith(".")
            found.append(Import(text, (), "", int(relative), path.start_point[0] + 1))
    return found


RUBY = Grammar(
    "ruby", tree_sitter_ruby.language, QUERY, blocks.EFFECTS, scopes, imports, blocks.constants, ("self.",), calls
)
