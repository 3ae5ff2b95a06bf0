"""C and C++: which nodes count.

Cyclomatic +1: if, for, while, do, case, catch, ?:, &&, || and in functions #if, #ifdef and #elif, as lizard counts. A lambda belongs to
the function around it. Namespaces lend their names; a function defined outside of its class belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import tree_sitter_c
import tree_sitter_cpp
from tree_sitter import Node

from functions.analysis.engines import blocks
from functions.analysis.engines.grammar import Captures, Grammar, Source, within
from functions.analysis.engines.scopes import Scope
from functions.analysis.engines.words import words
from functions.analysis.model import Import

_BOTH = """
(function_definition) @function
[(struct_specifier name: (_) body: (_)) (union_specifier name: (_) body: (_)) (enum_specifier name: (_) body: (_))] @class
(if_statement) @if
(else_clause) @else
(else_clause (if_statement) @chained)
[(for_statement) (while_statement) (do_statement) (conditional_expression)] @branch
(switch_statement) @switch
(case_statement "case") @case
(goto_statement) @jump
[(preproc_if) (preproc_elif) (preproc_ifdef "#ifdef")] @decision
(binary_expression operator: ["&&" "||"]) @logical
(binary_expression left: (binary_expression operator: "&&") @same operator: "&&")
(binary_expression left: (binary_expression operator: "||") @same operator: "||")
[(preproc_if condition: (_) @condition) (preproc_elif condition: (_) @condition)]
(preproc_include path: (_) @import)
(preproc_def name: (identifier) @constant)
(translation_unit (declaration (type_qualifier) declarator: (init_declarator declarator: (identifier) @constant)))
(comment) @comment
[(ERROR) (MISSING)] @error
"""
_C = """
(call_expression function: (identifier) @call)
(call_expression function: (field_expression) @member)
"""
_CPP = """
(class_specifier name: (_) body: (_)) @class
(namespace_definition) @space
[(for_range_loop) (catch_clause)] @branch
(binary_expression operator: ["and" "or"]) @logical
(lambda_expression) @nameless
(call_expression function: [(identifier) (qualified_identifier) (template_function)] @call)
(call_expression function: (field_expression) @member)
(new_expression type: (_) @call)
(using_declaration) @using
(declaration_list (declaration (type_qualifier) declarator: (init_declarator declarator: (identifier) @constant)))
"""
_NAMES = frozenset(("identifier", "field_identifier", "qualified_identifier", "destructor_name", "operator_name"))
_DEEPEST_DECLARATOR = 20
_NOT_PARAMETERS = frozenset((";",))
_KEYWORDS = frozenset(words("? if for while switch catch do else return sizeof defined"))
"""What a macro before a block can be taken for a function's name."""
_EXPORTED = re.compile(
    rb"\b(?:class|struct)(\s+[A-Z][A-Z0-9_]{2,}(?:\s*\([^()\n]*\))?)\s+(?=[A-Za-z_][\w:]*\s*(?:final\s*)?[:{])"
)


def plain(data: bytes) -> bytes:
    """`class EXPORTED Name {`: the macro is blanked, as no parser can know that it is one."""
    return _EXPORTED.sub(_blanked, data) if b"class" in data or b"struct" in data else data


def _blanked(found: re.Match[bytes]) -> bytes:
    text, begin = found[0], found.start()
    start, end = found.start(1) - begin, found.end(1) - begin
    return text[:start] + bytes(byte if byte == 10 else 32 for byte in text[start:end]) + text[end:]


def scopes(captures: Captures, source: Source) -> list[Scope]:
    blocks.unchain(captures)
    _unconditional(captures)
    functions = (_function(node, source) for node in captures.get("function", ()) if node.child_by_field_name("body"))
    found = [one for one in functions if one.name not in _KEYWORDS]
    found += [_class(node, source) for node in captures.get("class", ())]
    found += [blocks.space(node, _space(node, source)) for node in captures.get("space", ())]
    return found


def _unconditional(captures: Captures) -> None:
    """The operators of an `#if` are not those of the function that it stands in."""
    spans = sorted((node.start_byte, node.end_byte) for node in captures.get("condition", ()))
    for name in ("logical", "same") if spans else ():
        captures[name] = [node for node in captures.get(name, ()) if not within(node.start_byte, spans)]


def _space(node: Node, source: Source) -> str:
    return blocks.name_of(node, source).replace(" ", "").replace("::", ".")


def _function(node: Node, source: Source) -> Scope:
    declarator = _declarator(node)
    inner = declarator.child_by_field_name("declarator") if declarator else None
    text = _name(inner, source) if inner else _cast(node, source)
    owner, _, name = text.rpartition("::")
    listed = declarator.child_by_field_name("parameters") if declarator else None
    return blocks.function(node, name or "?", _parameters(listed, source), owner=_owner(owner), at=declarator)


def _declarator(node: Node) -> Node | None:
    """The innermost function declarator: `int (*f(void))(int)` is named in the inner one."""
    found, current = None, node.child_by_field_name("declarator")
    for _ in range(_DEEPEST_DECLARATOR):
        if current is None or current.type in _NAMES:
            break
        if current.type == "function_declarator":
            found = current
        current = current.child_by_field_name("declarator") or blocks.first(current)
    return found


def _name(node: Node, source: Source) -> str:
    for _ in range(_DEEPEST_DECLARATOR):
        if node.type != "parenthesized_declarator" or not node.named_child_count:
            break
        node = node.named_children[0]
    return " ".join(source.text(node).split())


def _cast(node: Node, source: Source) -> str:
    """`operator int() {…}` is named by its type."""
    found = node.child_by_field_name("declarator")
    return " ".join(source.text(found).partition("(")[0].split()) if found else "?"


def _owner(text: str) -> str:
    plain = blocks.dotted(text)
    return "" if plain == "?" else plain


def _parameters(listed: Node | None, source: Source) -> int:
    many = blocks.count(listed, but=_NOT_PARAMETERS)
    return 0 if many == 1 and listed is not None and source.text(listed).strip("() \n") == "void" else many


def _class(node: Node, source: Source) -> Scope:
    clause = next((child for child in node.named_children if child.type == "base_class_clause"), None)
    listed = [one for one in clause.named_children if one.type not in _NO_BASE] if clause else ()
    return blocks.klass(node, blocks.dotted(blocks.name_of(node, source)), blocks.types(listed, source))


_NO_BASE = frozenset(("access_specifier", "virtual", "attribute_declaration"))


def imports(captures: Captures, source: Source) -> list[Import]:
    """`#include "a/b.h"` has level 1, as it begins beside the file; `using` brings names of a namespace."""
    found = [_include(node, source) for node in captures.get("import", ())]
    found += [_using(node, source) for node in captures.get("using", ())]
    return sorted(found, key=lambda one: (one.line, one.module))


def _include(node: Node, source: Source) -> Import:
    text = source.text(node).strip()
    return Import(text.strip('"<> '), (), "", int(text.startswith('"')), node.start_point[0] + 1)


def _using(node: Node, source: Source) -> Import:
    text = source.text(node).removeprefix("using").strip("; \n\t")
    line = node.start_point[0] + 1
    if text.startswith("namespace"):
        return Import(blocks.dotted(text.removeprefix("namespace")), (("*", ""),), "", -1, line)
    module, _, name = blocks.dotted(text).rpartition(".")
    return Import(module, ((name, ""),), "", -1, line)


def _grammar(name: str, load: Callable[[], object], query: str) -> Grammar:
    return Grammar(
        name, load, query, blocks.EFFECTS, scopes, imports, blocks.constants, ("this.",), blocks.calls, prepare=plain
    )


C = _grammar("c", tree_sitter_c.language, _BOTH + _C)
CPP = _grammar("cpp", tree_sitter_cpp.language, _BOTH + _CPP)
