"""JavaScript and TypeScript: which nodes count.

Cyclomatic +1: if, ?:, for, for-in/of, while, do, case, catch, &&, ||, ??, &&=, ||=, ??= and a default value, as ESLint and
lizard count. Every function counts for itself and takes its name from what it is assigned to; for cognitive complexity it counts one level
deeper in the functions around it too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Node

from functions.analysis.engines import blocks
from functions.analysis.engines.grammar import Captures, Grammar, Source, in_order
from functions.analysis.engines.scopes import Effect, Scope
from functions.analysis.engines.words import words
from functions.analysis.model import Constant, FunctionKind, Import

_FUNCTIONS = "[(arrow_function) (function_expression) (generator_function)]"
_QUERY = f"""
[(function_declaration name: (_) @name) (generator_function_declaration name: (_) @name)
 (method_definition name: (_) @name)] @function
(variable_declarator name: (identifier) @name value: {_FUNCTIONS} @function)
(pair key: (property_identifier) @name value: {_FUNCTIONS} @function)
(assignment_expression left: [(identifier) (member_expression)] @name right: {_FUNCTIONS} @function)
{_FUNCTIONS} @nameless
[(class_declaration name: (_) @class.name) (class name: (_) @class.name)] @class
(if_statement) @if
(else_clause) @else
(else_clause (if_statement) @chained)
[(for_statement) (for_in_statement) (while_statement) (do_statement) (catch_clause) (ternary_expression)] @branch
(switch_statement) @switch
(switch_case) @case
[(break_statement label: (_)) (continue_statement label: (_))] @jump
(binary_expression operator: ["&&" "||" "??"]) @logical
[(assignment_pattern) (object_assignment_pattern)] @decision
(augmented_assignment_expression operator: ["&&=" "||=" "??="]) @decision
(binary_expression left: (binary_expression operator: "&&") @same operator: "&&")
(binary_expression left: (binary_expression operator: "||") @same operator: "||")
(binary_expression left: (binary_expression operator: "??") @same operator: "??")
(call_expression function: [(identifier) (member_expression) (super)] @call)
(new_expression constructor: [(identifier) (member_expression)] @call)
(call_expression function: [(identifier) (import)] @loader arguments: (arguments . (string) .)) @load
(import_statement) @import
(export_statement source: (string)) @import
(program (lexical_declaration "const" (variable_declarator name: (identifier) @constant)))
(program (export_statement (lexical_declaration "const" (variable_declarator name: (identifier) @constant))))
(comment) @comment
[(ERROR) (MISSING)] @error
"""
_JAVASCRIPT = "(field_definition property: (_) @name value: " + _FUNCTIONS + " @function)\n"
_TYPESCRIPT = f"""
[(required_parameter value: (_)) (optional_parameter value: (_))] @decision
(public_field_definition name: (_) @name value: {_FUNCTIONS} @function)
[(abstract_class_declaration name: (_) @class.name) (interface_declaration name: (_) @class.name)] @class
"""
EFFECTS = {
    "if": Effect(1, 1, scaled=True, nests=True),
    "chained": Effect(1, 0),
    "else": Effect(0, 1),
    "branch": Effect(1, 1, scaled=True, nests=True),
    "switch": Effect(0, 1, scaled=True, nests=True),
    "case": Effect(1, 0),
    "jump": Effect(0, 1),
    "logical": Effect(1, 1),
    "same": Effect(0, -1),
    "decision": Effect(1, 0),
}
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_]*")
_DOTTED = re.compile(r"[\w.$]+")
_NOT_PARAMETERS = frozenset(("comment", "ERROR"))


def scopes(captures: Captures, source: Source) -> list[Scope]:
    known = {node.id for node in captures.get("function", ())}
    blocks.unchain(captures)
    functions = zip(in_order(captures, "function"), in_order(captures, "name"), strict=True)
    classes = zip(in_order(captures, "class"), in_order(captures, "class.name"), strict=True)
    found = [_function(node, source.text(name).rpartition(".")[2].strip(), source) for node, name in functions]
    found += [_function(node, "", source) for node in captures.get("nameless", ()) if node.id not in known]
    return found + [_class(node, name, source) for node, name in classes]


def _function(node: Node, name: str, source: Source) -> Scope:
    listed = node.child_by_field_name("parameters")
    one = node.child_by_field_name("parameter") is not None
    count = sum(child.type not in _NOT_PARAMETERS for child in listed.named_children) if listed else int(one)
    line, end_line = node.start_point[0] + 1, node.end_point[0] + 1
    return Scope(name, node.start_byte, node.end_byte, line, end_line, FunctionKind.FUNCTION, count)


def _class(node: Node, name: Node, source: Source) -> Scope:
    line, end_line = node.start_point[0] + 1, node.end_point[0] + 1
    bases = tuple(
        base
        for child in node.named_children
        if "heritage" in child.type or "extends" in child.type
        for base in _bases(child, source)
    )
    return Scope(source.text(name), node.start_byte, node.end_byte, line, end_line, bases=bases)


def _bases(node: Node, source: Source) -> Iterator[str]:
    """The dotted names of a heritage clause; type arguments are dropped, other expressions become `?`."""
    for child in node.named_children:
        if child.type in ("extends_clause", "implements_clause"):
            yield from _bases(child, source)
        elif child.type not in ("type_arguments", "comment"):
            text = source.text(child).partition("<")[0]
            yield text if _DOTTED.fullmatch(text) else "?"


def imports(captures: Captures, source: Source) -> list[Import]:
    found = [_import(node, source) for node in in_order(captures, "import")]
    for node, loader in zip(in_order(captures, "load"), in_order(captures, "loader"), strict=True):
        if source.text(loader) in ("require", "import"):
            arguments = node.child_by_field_name("arguments")
            assert arguments is not None, "the query asks for them"
            found.append(_loaded(source.text(arguments), (), "", node))
    return sorted(found, key=lambda one: one.line)


def _loaded(text: str, names: tuple[tuple[str, str], ...], alias: str, node: Node) -> Import:
    return Import(text.strip("()\"'` \n\t"), names, alias, 0, node.start_point[0] + 1)


def _import(node: Node, source: Source) -> Import:
    origin = node.child_by_field_name("source")
    names: list[tuple[str, str]] = []
    alias = ""
    for part in _parts(node):
        if part.type in ("import_specifier", "export_specifier"):
            name, other = part.child_by_field_name("name"), part.child_by_field_name("alias")
            names.append((source.text(name or part), source.text(other) if other else ""))
        elif part.type == "identifier":
            names.append(("default", source.text(part)))
        elif part.type == "import_require_clause":
            origin = part.child_by_field_name("source")
        else:
            alias = source.text(part).rpartition(" ")[2]
    if node.type == "export_statement" and not names and not alias:
        names.append(("*", ""))
    return _loaded(source.text(origin) if origin else "", tuple(names), alias, node)


def _parts(node: Node) -> Iterator[Node]:
    for child in node.named_children:
        if child.type in ("import_clause", "named_imports", "export_clause"):
            yield from _parts(child)
        elif child.type in _PARTS:
            yield child


_PARTS = frozenset(
    words("import_specifier export_specifier identifier namespace_import namespace_export import_require_clause")
)


def constants(captures: Captures, source: Source) -> list[Constant]:
    named = ((source.text(node), node.start_point[0] + 1) for node in in_order(captures, "constant"))
    return [Constant(name, line) for name, line in named if _CAPITALS.fullmatch(name)]


def _grammar(name: str, load: Callable[[], object], query: str) -> Grammar:
    return Grammar(name, load, query, EFFECTS, scopes, imports, constants, ("this.",))


JAVASCRIPT = _grammar("javascript", tree_sitter_javascript.language, _QUERY + _JAVASCRIPT)
TYPESCRIPT = _grammar("typescript", tree_sitter_typescript.language_typescript, _QUERY + _TYPESCRIPT)
TSX = _grammar("tsx", tree_sitter_typescript.language_tsx, _QUERY + _TYPESCRIPT)
