"""Rust: which nodes count.

Cyclomatic +1: if, for, while, each arm of a match but the first, let-else, ?, && and ||, as lizard counts; the same words inside a
macro's arguments too. A closure belongs to the function around it; the functions of an `impl` are methods of its type.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_rust
from tree_sitter import Node

from functions.analysis.engines import blocks
from functions.analysis.engines.grammar import Captures, Grammar, Source, in_order
from functions.analysis.engines.scopes import Effect, Scope
from functions.analysis.engines.words import words
from functions.analysis.model import FunctionKind, Import

QUERY = """
(function_item) @function
[(struct_item) (enum_item) (union_item) (trait_item)] @class
(impl_item body: (_)) @impl
(mod_item body: (_)) @mod
(if_expression) @if
(else_clause) @else
(else_clause (if_expression) @chained)
(let_declaration alternative: (_) @refutable)
[(for_expression) (while_expression)] @branch
(loop_expression) @loop
(match_expression) @switch
(match_arm) @case
(match_expression body: (match_block . "{" . [(line_comment) (block_comment) (attribute_item)]* . (match_arm) @first))
(match_pattern "if") @decision
[(break_expression (label)) (continue_expression (label))] @jump
(binary_expression operator: ["&&" "||"]) @logical
(binary_expression left: (binary_expression operator: "&&") @same operator: "&&")
(binary_expression left: (binary_expression operator: "||") @same operator: "||")
(let_chain "&&" @chain)
(try_expression) @decision
(token_tree ["if" "for" "while" "&&" "||" "?"] @decision)
(closure_expression) @nameless
(call_expression function: [(identifier) (scoped_identifier)] @call)
(call_expression function: (generic_function function: [(identifier) (scoped_identifier)] @call))
(call_expression function: (generic_function function: (field_expression) @member))
(call_expression function: (field_expression) @member)
(struct_expression name: (_) @call)
[(use_declaration) (extern_crate_declaration)] @import
(mod_item !body) @import
(source_file [(const_item name: (identifier) @constant) (static_item name: (identifier) @constant)])
[(line_comment) (block_comment)] @comment
[(ERROR) (MISSING)] @error
"""
EFFECTS = {
    **blocks.EFFECTS,
    "refutable": Effect(1, 1, scaled=True, nests=True),
    "first": Effect(-1, 0),
    "chain": Effect(1, 0),
}
_NOT_PARAMETERS = frozenset(("attribute_item",))
_CLAUSES = frozenset(words("use_list scoped_use_list use_as_clause use_wildcard"))


def scopes(captures: Captures, source: Source) -> list[Scope]:
    blocks.unchain(captures)
    classes = [_class(node, source) for node in in_order(captures, "class")]
    impls = captures.get("impl", [])
    _add_traits(classes, impls, source)
    found = [_function(node, source) for node in captures.get("function", ())]
    found += [blocks.space(node, _type(node, source, "type"), within=FunctionKind.METHOD) for node in impls]
    found += [blocks.space(node, blocks.name_of(node, source)) for node in captures.get("mod", ())]
    return found + classes


def _function(node: Node, source: Source) -> Scope:
    listed = node.child_by_field_name("parameters")
    return blocks.function(node, blocks.name_of(node, source), blocks.count(listed, but=_NOT_PARAMETERS))


def _type(node: Node, source: Source, field: str) -> str:
    return blocks.dotted(blocks.name_of(node, source, field).lstrip("&").removeprefix("mut "))


def _class(node: Node, source: Source) -> Scope:
    bounds = node.child_by_field_name("bounds") if node.type == "trait_item" else None
    bases = blocks.types([one for one in bounds.named_children if one.type != "lifetime"], source) if bounds else ()
    return blocks.klass(node, blocks.name_of(node, source), bases)


def _add_traits(classes: list[Scope], impls: list[Node], source: Source) -> None:
    """A type is derived from the traits that the same file implements for it."""
    by_name = {scope.name: scope for scope in classes}
    for node in sorted(impls, key=lambda node: node.start_byte):
        scope, trait = by_name.get(_type(node, source, "type")), _type(node, source, "trait")
        if scope is not None and trait != "?" and trait not in scope.bases:
            scope.bases += (trait,)


def imports(captures: Captures, source: Source) -> list[Import]:
    return [found for node in in_order(captures, "import") for found in _import(node, source)]


def _import(node: Node, source: Source) -> Iterator[Import]:
    """`mod a;` is `self.a` for its own file; paths are dotted."""
    line = node.start_point[0] + 1
    name = blocks.name_of(node, source)
    if node.type == "mod_item":
        yield Import(f"self.{name}", (), name, 0, line)
    elif node.type == "extern_crate_declaration":
        yield Import(name, (), blocks.name_of(node, source, "alias") or name, 0, line)
    else:
        argument = node.child_by_field_name("argument")
        for path, alias in _used(argument, source) if argument else ():
            module, _, last = path.rpartition(".")
            yield Import(module, ((last, alias),), "", 0, line)


def _used(argument: Node, source: Source) -> Iterator[tuple[str, str]]:
    """The paths of a use tree with what they are called here."""
    waiting = [(argument, "")]
    while waiting:
        node, prefix = waiting.pop()
        if node.type not in _CLAUSES:
            path = _joined(prefix, source.text(node))
            yield (path.removesuffix(".self"), "") if path.endswith(".self") else (path, "")
        elif node.type == "use_wildcard":
            yield _joined(prefix, source.text(node).rstrip("*").rstrip(":")) + ".*", ""
        elif node.type == "use_as_clause":
            path = _joined(prefix, blocks.name_of(node, source, "path")).removesuffix(".self")
            yield path, blocks.name_of(node, source, "alias")
        else:
            listed = node.child_by_field_name("list") or node
            inner = _joined(prefix, blocks.name_of(node, source, "path"))
            waiting += [(child, inner) for child in reversed(listed.named_children) if not child.is_extra]


def _joined(prefix: str, text: str) -> str:
    return ".".join(filter(None, (prefix, *(part.strip() for part in text.split("::")))))


RUST = Grammar(
    "rust",
    tree_sitter_rust.language,
    QUERY,
    EFFECTS,
    scopes,
    imports,
    blocks.constants,
    ("self.", "Self."),
    blocks.calls,
)
