"""C#: which nodes count.

Cyclomatic +1: if, for, foreach, while, do, case, each arm of a switch expression but `_`, catch, ?:, ??, ??=, ?., && and ||. A lambda
belongs to the method around it; accessors with a body and local functions are functions of their own. Namespaces lend their names.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_c_sharp
from tree_sitter import Node

from functions.analysis.engines import blocks
from functions.analysis.engines.grammar import Called, Captures, Grammar, Source, called, in_order
from functions.analysis.engines.scopes import Effect, Scope
from functions.analysis.engines.words import words
from functions.analysis.model import Import

QUERY = """
[(method_declaration body: (_)) (constructor_declaration body: (_)) (destructor_declaration body: (_))
 (operator_declaration body: (_)) (conversion_operator_declaration body: (_)) (local_function_statement body: (_))
 (accessor_declaration body: (_))] @function
[(class_declaration) (interface_declaration) (struct_declaration) (record_declaration) (enum_declaration)] @class
[(namespace_declaration) (file_scoped_namespace_declaration)] @space
(if_statement) @if
(if_statement alternative: (if_statement) @chained)
(if_statement alternative: (_) @else)
[(for_statement) (foreach_statement) (while_statement) (do_statement) (catch_clause) (conditional_expression)] @branch
[(switch_statement) (switch_expression)] @switch
(switch_section "case") @case
(switch_expression_arm) @case
(switch_expression_arm . (discard) @discard)
[(goto_statement)] @jump
(binary_expression operator: ["&&" "||" "??"]) @logical
(binary_expression left: (binary_expression operator: "&&") @same operator: "&&")
(binary_expression left: (binary_expression operator: "||") @same operator: "||")
(binary_expression left: (binary_expression operator: "??") @same operator: "??")
(assignment_expression operator: "??=") @decision
(conditional_access_expression) @decision
[(lambda_expression) (anonymous_method_expression)] @nameless
(invocation_expression function: [(identifier) (generic_name) (member_access_expression)] @call)
(invocation_expression function: (conditional_access_expression (member_binding_expression name: (_) @member)))
(object_creation_expression type: (_) @call)
(using_directive) @import
(field_declaration (modifier "const") (variable_declaration (variable_declarator name: (identifier) @constant)))
(comment) @comment
[(ERROR) (MISSING)] @error
"""
EFFECTS = {**blocks.EFFECTS, "discard": Effect(-1, 0)}
_NOT_PARAMETERS = frozenset(words("attribute_list array_type predefined_type"))
_TITLES = {
    "destructor_declaration": "~",
    "operator_declaration": "operator ",
    "conversion_operator_declaration": "operator ",
}


def scopes(captures: Captures, source: Source) -> list[Scope]:
    blocks.unchain(captures)
    found = [_function(node, source) for node in captures.get("function", ())]
    found += [_class(node, source) for node in captures.get("class", ())]
    found += [_space(node, source) for node in captures.get("space", ())]
    return found


def _space(node: Node, source: Source) -> Scope:
    """`namespace A;` lasts to the end of the file."""
    end = len(source.data) if node.type == "file_scoped_namespace_declaration" else None
    return blocks.space(node, blocks.name_of(node, source).replace(" ", ""), end)


def _function(node: Node, source: Source) -> Scope:
    if node.type == "accessor_declaration":
        return blocks.function(node, _accessor(node, source), 0)
    listed = node.child_by_field_name("parameters")
    name = (
        blocks.name_of(node, source) or blocks.name_of(node, source, "operator") or blocks.name_of(node, source, "type")
    )
    many = blocks.count(listed, but=_NOT_PARAMETERS)
    many += listed is not None and any(child.type == "params" for child in listed.children)
    return blocks.function(node, _TITLES.get(node.type, "") + name, many)


def _accessor(node: Node, source: Source) -> str:
    """`P.get`, `P.set`, `this.get` of an indexer."""
    listed = node.parent
    owner = listed.parent if listed else None
    name = blocks.name_of(owner, source) if owner else ""
    return f"{name or 'this'}.{blocks.name_of(node, source)}"


def _class(node: Node, source: Source) -> Scope:
    listed = next((child for child in node.named_children if child.type == "base_list"), None)
    bases = tuple(_bases(listed, source)) if listed else ()
    return blocks.klass(node, blocks.name_of(node, source), bases)


def _bases(listed: Node, source: Source) -> Iterator[str]:
    for child in listed.named_children:
        if child.type == "primary_constructor_base_type":
            yield blocks.dotted(blocks.name_of(child, source, "type"))
        elif child.type != "argument_list" and not child.is_extra:
            yield blocks.dotted(source.text(child))


def calls(captures: Captures, source: Source) -> list[Called]:
    found = called(captures, source)
    for name in captures.get("member", ()):
        found.append((name.start_byte, name.start_point[0], b"?." + source.data[name.start_byte : name.end_byte]))
    return sorted(found)


def imports(captures: Captures, source: Source) -> list[Import]:
    return [_import(node, source) for node in in_order(captures, "import")]


def _import(node: Node, source: Source) -> Import:
    """`using A.B;` brings all names, `using X = A.B;` one, `using static A.B;` those of a type."""
    text = " ".join(source.text(node).split()).removeprefix("global ").removeprefix("using ").rstrip("; ")
    line = node.start_point[0] + 1
    alias, equals, path = text.partition("=")
    if equals:
        return Import(blocks.dotted(path), (), alias.strip().removeprefix("unsafe "), 0, line)
    return Import(blocks.dotted(text.removeprefix("static ")), (("*", ""),), "", 0, line)


CSHARP = Grammar(
    "csharp",
    tree_sitter_c_sharp.language,
    QUERY,
    EFFECTS,
    scopes,
    imports,
    blocks.constants,
    ("this.",),
    calls,
)
