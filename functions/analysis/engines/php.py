"""PHP: which nodes count.

Cyclomatic +1: if, elseif, for, foreach, while, do, case, each arm of a match but `default`, catch, ?:, && and || (also as words). A
closure belongs to the function around it. Namespaces lend their names; traits that a class uses are bases.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_php
from tree_sitter import Node

from functions.analysis.engines import blocks
from functions.analysis.engines.grammar import Called, Captures, Grammar, Source, in_order
from functions.analysis.engines.scopes import Scope
from functions.analysis.engines.words import words
from functions.analysis.model import FunctionKind, Import

QUERY = """
[(function_definition) (method_declaration body: (_))] @function
[(class_declaration) (interface_declaration) (trait_declaration) (enum_declaration)] @class
(anonymous_class) @anonymous
(namespace_definition) @space
(if_statement) @if
(else_if_clause) @elif
(else_clause) @else
(else_clause body: (if_statement) @chained)
[(for_statement) (foreach_statement) (while_statement) (do_statement) (catch_clause) (conditional_expression)] @branch
[(switch_statement) (match_expression)] @switch
[(case_statement) (match_conditional_expression)] @case
[(break_statement (integer)) (continue_statement (integer)) (goto_statement)] @jump
(binary_expression operator: ["&&" "||" "and" "or" "xor"]) @logical
(binary_expression left: (binary_expression operator: "&&") @same operator: "&&")
(binary_expression left: (binary_expression operator: "||") @same operator: "||")
[(anonymous_function) (arrow_function)] @nameless
(function_call_expression function: [(name) (qualified_name) (relative_name)] @call)
(member_call_expression object: [(variable_name) (member_access_expression)] @receiver name: (name) @method)
(scoped_call_expression scope: [(name) (qualified_name) (relative_scope)] @receiver name: (name) @method)
[(member_call_expression object: [(member_call_expression) (scoped_call_expression) (function_call_expression)
   (parenthesized_expression) (object_creation_expression) (nullsafe_member_call_expression)] name: (name) @member)
 (nullsafe_member_call_expression name: (name) @member)]
(object_creation_expression [(name) (qualified_name)] @call)
[(namespace_use_declaration) (require_expression) (require_once_expression) (include_expression) (include_once_expression)] @import
(const_declaration (const_element . (name) @constant))
(comment) @comment
[(text) (text_interpolation)] @text
[(ERROR) (MISSING)] @error
"""
_NOT_PARAMETERS = frozenset(("attribute_list",))
_CLAUSES = frozenset(words("base_clause class_interface_clause"))


def scopes(captures: Captures, source: Source) -> list[Scope]:
    blocks.unchain(captures)
    found = [_function(node, source) for node in captures.get("function", ())]
    found += [_class(node, source) for node in captures.get("class", ())]
    found += [blocks.space(node, "", within=FunctionKind.METHOD) for node in captures.get("anonymous", ())]
    return found + list(_spaces(in_order(captures, "space"), source))


def _spaces(nodes: list[Node], source: Source) -> Iterator[Scope]:
    """`namespace A;` lasts to the next one or to the end of the file."""
    ends = [node.start_byte for node in nodes[1:]]
    for node, end in zip(nodes, [*ends, len(source.data)], strict=False):
        name = blocks.dotted(blocks.name_of(node, source))
        if name != "?":
            yield blocks.space(node, name, None if node.child_by_field_name("body") else end)


def _function(node: Node, source: Source) -> Scope:
    listed = node.child_by_field_name("parameters")
    return blocks.function(node, blocks.name_of(node, source), blocks.count(listed, but=_NOT_PARAMETERS))


def _class(node: Node, source: Source) -> Scope:
    bases: list[str] = []
    for child in node.named_children:
        if child.type in _CLAUSES:
            bases += blocks.types(child.named_children, source)
    body = node.child_by_field_name("body")
    for child in body.named_children if body else ():
        if child.type == "use_declaration":
            names = [one for one in child.named_children if one.type in ("name", "qualified_name")]
            bases += blocks.types(names, source)
    return blocks.klass(node, blocks.name_of(node, source), bases)


def calls(captures: Captures, source: Source) -> list[Called]:
    """`$this->m` is `this.m`, `A\\B::m` is `A.B.m`."""
    data = source.data
    found = [(n.start_byte, n.start_point[0], data[n.start_byte : n.end_byte]) for n in captures.get("call", ())]
    for receiver, name in zip(in_order(captures, "receiver"), in_order(captures, "method"), strict=True):
        start = receiver.start_byte
        found.append((start, receiver.start_point[0], data[start : name.end_byte].replace(b"$this", b"this")))
    for name in captures.get("member", ()):
        found.append((name.start_byte, name.start_point[0], b"?." + data[name.start_byte : name.end_byte]))
    return sorted(found)


def imports(captures: Captures, source: Source) -> list[Import]:
    found: list[Import] = []
    for node in in_order(captures, "import"):
        if node.type == "namespace_use_declaration":
            found += _used(node, source)
        else:
            found += _included(node, source)
    return found


def _used(node: Node, source: Source) -> Iterator[Import]:
    prefix = next((source.text(child) for child in node.named_children if child.type == "namespace_name"), "")
    group = node.child_by_field_name("body") or node
    for clause in group.named_children:
        if clause.type == "namespace_use_clause":
            alias = blocks.name_of(clause, source, "alias")
            text = source.text(clause).partition(" as ")[0].strip()
            text = text.removeprefix("function ").removeprefix("const ")
            module, _, name = blocks.dotted(f"{prefix}\\{text}").rpartition(".")
            yield Import(module, ((name, alias),), "", 0, node.start_point[0] + 1)


def _included(node: Node, source: Source) -> Iterator[Import]:
    """The string at the end of the path counts: `__DIR__ . '/a.php'` begins beside the file, as does a bare name."""
    text = source.text(node)
    quoted = text.rstrip(") ;\n")
    mark = quoted[-1:]
    if mark in ("'", '"') and quoted.count(mark) == 2:
        yield Import(quoted.split(mark)[1].lstrip("/"), (), "", 1, node.start_point[0] + 1)


PHP = Grammar(
    "php",
    tree_sitter_php.language_php,
    QUERY,
    blocks.EFFECTS,
    scopes,
    imports,
    blocks.constants,
    ("this.", "self.", "static."),
    calls,
)
