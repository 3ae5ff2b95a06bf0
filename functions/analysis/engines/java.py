"""Java: which nodes count.

Cyclomatic +1: if, for, while, do, case, catch, ?:, && and ||, as lizard counts. A lambda belongs to the method around it; the
methods of an anonymous class are functions of their own. Names are those of the types, without the package.
"""

from __future__ import annotations

import tree_sitter_java
from tree_sitter import Node

from functions.analysis.engines import blocks
from functions.analysis.engines.grammar import Called, Captures, Grammar, Source, called, in_order
from functions.analysis.engines.scopes import Scope
from functions.analysis.engines.words import words
from functions.analysis.model import FunctionKind, Import

QUERY = """
[(method_declaration body: (_)) (constructor_declaration) (compact_constructor_declaration)] @function
[(class_declaration) (interface_declaration) (enum_declaration) (record_declaration) (annotation_type_declaration)] @class
(object_creation_expression (class_body)) @anonymous
(if_statement) @if
(if_statement alternative: (if_statement) @chained)
(if_statement alternative: (_) @else)
[(for_statement) (enhanced_for_statement) (while_statement) (do_statement) (catch_clause) (ternary_expression)] @branch
(switch_expression) @switch
(switch_label "case") @case
[(break_statement (identifier)) (continue_statement (identifier))] @jump
(binary_expression operator: ["&&" "||"]) @logical
(binary_expression left: (binary_expression operator: "&&") @same operator: "&&")
(binary_expression left: (binary_expression operator: "||") @same operator: "||")
(lambda_expression) @nameless
(method_invocation !object name: (identifier) @call)
(method_invocation object: [(identifier) (this) (super) (field_access)] @receiver name: (identifier) @method)
(method_invocation object: [(method_invocation) (object_creation_expression) (parenthesized_expression) (array_access)
  (string_literal) (class_literal)] name: (identifier) @member)
(object_creation_expression type: (_) @call)
(explicit_constructor_invocation constructor: (_) @call)
(import_declaration) @import
(package_declaration [(identifier) (scoped_identifier)] @package)
(field_declaration (modifiers "static") declarator: (variable_declarator name: (identifier) @constant))
(constant_declaration declarator: (variable_declarator name: (identifier) @constant))
[(line_comment) (block_comment)] @comment
[(ERROR) (MISSING)] @error
"""
_RECEIVER = frozenset(("receiver_parameter",))
_BASES = frozenset(words("superclass super_interfaces extends_interfaces"))


def scopes(captures: Captures, source: Source) -> list[Scope]:
    blocks.unchain(captures)
    found = [_function(node, source) for node in captures.get("function", ())]
    found += [_class(node, source) for node in captures.get("class", ())]
    found += [_anonymous(node) for node in captures.get("anonymous", ())]
    return found


def _function(node: Node, source: Source) -> Scope:
    listed = node.child_by_field_name("parameters")
    return blocks.function(node, blocks.name_of(node, source), blocks.count(listed, but=_RECEIVER))


def _class(node: Node, source: Source) -> Scope:
    bases: list[str] = []
    for child in node.named_children:
        if child.type in _BASES:
            inner = blocks.first(child)
            listed = inner.named_children if inner and inner.type == "type_list" else child.named_children
            bases += blocks.types(listed, source)
    return blocks.klass(node, blocks.name_of(node, source), bases)


def _anonymous(node: Node) -> Scope:
    """The body of `new X() {…}`: its methods are methods."""
    body = next(child for child in node.named_children if child.type == "class_body")
    return blocks.space(body, "", within=FunctionKind.METHOD)


def calls(captures: Captures, source: Source) -> list[Called]:
    found = called(captures, source)
    for receiver, name in zip(in_order(captures, "receiver"), in_order(captures, "method"), strict=True):
        start = receiver.start_byte
        found.append((start, receiver.start_point[0], source.data[start : name.end_byte]))
    for name in captures.get("member", ()):
        found.append((name.start_byte, name.start_point[0], b"?." + source.data[name.start_byte : name.end_byte]))
    return sorted(found)


def imports(captures: Captures, source: Source) -> list[Import]:
    """The file's own package opens its names to it: it is an import of all of them, at level -1."""
    packages = (("".join(source.text(node).split()), node) for node in in_order(captures, "package"))
    own = [Import(name, (("*", ""),), "", -1, node.start_point[0] + 1) for name, node in packages]
    return own + [_import(node, source) for node in in_order(captures, "import")]


def _import(node: Node, source: Source) -> Import:
    """`import a.B` brings the name B; `import a.*` and `import static a.B.*` all names."""
    path = blocks.first(node) or node
    text = "".join(source.text(path).split())
    line = node.start_point[0] + 1
    if any(child.type == "asterisk" for child in node.named_children):
        return Import(text, (("*", ""),), "", 0, line)
    module, _, name = text.rpartition(".")
    return Import(module, ((name, ""),), "", 0, line)


JAVA = Grammar(
    "java", tree_sitter_java.language, QUERY, blocks.EFFECTS, scopes, imports, blocks.constants, ("this.",), calls
)
