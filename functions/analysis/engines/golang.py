"""Go: which nodes count.

Cyclomatic +1: if, for, case (of switch and select), && and ||, as lizard counts. A function literal counts for itself and has no name
of its own; a method belongs to the type of its receiver, an embedded type is a base.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

import tree_sitter_go
from tree_sitter import Node

from functions.analysis.engines import blocks
from functions.analysis.engines.grammar import Called, Captures, Grammar, Source, called, in_order
from functions.analysis.engines.scopes import Scope
from functions.analysis.model import Import

QUERY = """
[(function_declaration body: (_)) (method_declaration body: (_))] @function
(func_literal) @literal
(var_spec name: (identifier) @literal.name . value: (expression_list . (func_literal) @literal.named .))
(type_spec type: [(struct_type) (interface_type)]) @class
(if_statement) @if
(if_statement alternative: (if_statement) @chained)
(if_statement alternative: (_) @else)
(for_statement) @branch
[(expression_switch_statement) (type_switch_statement) (select_statement)] @switch
[(expression_case) (type_case) (communication_case)] @case
[(break_statement (label_name)) (continue_statement (label_name)) (goto_statement)] @jump
(binary_expression operator: ["&&" "||"]) @logical
(binary_expression left: (binary_expression operator: "&&") @same operator: "&&")
(binary_expression left: (binary_expression operator: "||") @same operator: "||")
(call_expression function: [(identifier) (selector_expression)] @call)
(call_expression function: (parenthesized_expression) @call)
(import_spec) @import
(source_file (const_declaration (const_spec name: (identifier) @constant)))
(comment) @comment
[(ERROR) (MISSING)] @error
"""


def scopes(captures: Captures, source: Source) -> list[Scope]:
    blocks.unchain(captures)
    names = dict(_named(captures, source))
    found = [_function(node, source) for node in captures.get("function", ())]
    found += [blocks.function(node, names.get(node.id, ""), _parameters(node)) for node in captures.get("literal", ())]
    found += [_type(node, source) for node in captures.get("class", ())]
    return found


def _named(captures: Captures, source: Source) -> Iterator[tuple[int, str]]:
    literals, names = in_order(captures, "literal.named"), in_order(captures, "literal.name")
    for literal, name in zip(literals, names, strict=True):
        yield literal.id, source.text(name)


def _function(node: Node, source: Source) -> Scope:
    receiver = node.child_by_field_name("receiver")
    owner = _receiver(source.text(receiver)) if receiver else ""
    return blocks.function(node, blocks.name_of(node, source), _parameters(node), owner=owner)


def calls(captures: Captures, source: Source) -> list[Called]:
    """`s.Do` is `self.Do` in a method whose receiver is called s."""
    found = called(captures, source)
    for method in captures.get("function", ()):
        name = _receiver_name(method, source)
        if name:
            first = bisect_left(found, (method.start_byte,))
            last = bisect_left(found, (method.end_byte,))
            found[first:last] = [_own(call, name) for call in found[first:last]]
    return found


def _receiver_name(method: Node, source: Source) -> bytes:
    receiver = method.child_by_field_name("receiver")
    declared = blocks.first(receiver) if receiver else None
    return blocks.name_of(declared, source).encode() if declared else b""


def _own(call: Called, name: bytes) -> Called:
    start, line, text = call
    return (start, line, b"self" + text[len(name) :]) if text.startswith(name + b".") else call


def _receiver(text: str) -> str:
    """`(s *Store[K])` is of the type Store."""
    words = text.strip("() \t\n").partition("[")[0].replace("*", " ").split()
    return words[-1].rstrip(",") if words else ""


def _parameters(node: Node) -> int:
    listed = node.child_by_field_name("parameters")
    declared = listed.named_children if listed else ()
    return sum(max(len(one.children_by_field_name("name")), 1) for one in declared if not one.is_extra)


def _type(node: Node, source: Source) -> Scope:
    kind = node.child_by_field_name("type")
    assert kind is not None, "the query asks for it"
    return blocks.klass(node, blocks.name_of(node, source), _embedded(kind, source))


def _embedded(kind: Node, source: Source) -> Iterator[str]:
    listed = blocks.first(kind) if kind.type == "struct_type" else kind
    for child in listed.named_children if listed else ():
        if child.type == "type_elem" and child.named_child_count == 1:
            yield blocks.dotted(source.text(child))
        elif child.type == "field_declaration" and child.child_by_field_name("name") is None:
            inner = child.child_by_field_name("type")
            yield blocks.dotted(source.text(inner).partition("[")[0]) if inner else "?"


def imports(captures: Captures, source: Source) -> list[Import]:
    return [_import(node, source) for node in in_order(captures, "import")]


def _import(node: Node, source: Source) -> Import:
    """`import . "a"` brings all names, `import _ "a"` none; the alias is empty for the package's own name."""
    path = blocks.name_of(node, source, "path").strip('"`')
    alias = blocks.name_of(node, source)
    names = (("*", ""),) if alias == "." else ()
    return Import(path, names, "" if alias == "." else alias, 0, node.start_point[0] + 1)


GO = Grammar("go", tree_sitter_go.language, QUERY, blocks.EFFECTS, scopes, imports, blocks.constants, ("self.",), calls)
