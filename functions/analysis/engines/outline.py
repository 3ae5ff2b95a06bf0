"""The outline of a parsed file: scopes with their measures, imports, calls and where it did not parse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Node, QueryCursor, Tree

from functions.analysis.engines.grammar import Called, Captures, Grammar, Source, in_order, parser, query
from functions.analysis.engines.scopes import Event, Scope, Sweep
from functions.analysis.model import Call, Constant, Import

_STRIDE = 500  # nodes
_NAME = re.compile(rb"[\w.$#]+[?!]?", re.ASCII)
_CONNECTOR = re.compile(rb" ?(?:::|->|\?\.|\\|\.) ?")
_GENERIC = re.compile(rb"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Outline:
    """`module` carries the sums of the file; `errors` are (line, column, end line, end column) from 1."""

    module: Scope
    scopes: Sequence[Scope]
    constants: Sequence[Constant]
    imports: Sequence[Import]
    calls: Sequence[Call]
    comments: Sequence[tuple[int, int]]
    errors: Sequence[tuple[int, int, int, int]]


class TooDeep(Exception):
    """The tree is deeper than the limit: queries over it would cost the square of its depth."""


def outline(data: bytes, grammar: Grammar, depth: int) -> Outline:
    """Parse `data` (UTF-8) and pull out what the query names; cost grows with the wanted nodes only.

    Raises:
        TooDeep: somewhere the tree is deeper than `depth`.
    """
    tree = parser(grammar).parse(grammar.prepare(data) if grammar.prepare else data)
    root = tree.root_node
    _check_depth(tree, depth)
    captures = QueryCursor(query(grammar)).captures(root)
    source = Source(data)
    scopes = sorted(grammar.scopes(captures, source), key=lambda scope: (scope.start, -scope.end, scope.name))
    module = Scope("", 0, len(data), 1, root.end_point[0] + 1)
    sweep = Sweep(module, scopes, tuple(grammar.effects.values()))
    breaks = sweep.run(_events(captures, grammar, scopes))
    return Outline(
        module,
        scopes,
        grammar.constants(captures, source),
        grammar.imports(captures, source),
        _calls(grammar.calls(captures, source), breaks, grammar.selves),
        sorted((node.start_byte, node.end_byte) for node in captures.get("comment", ())),
        [_place(node) for node in in_order(captures, "error")[:20]] if root.has_error else (),
    )


def _check_depth(tree: Tree, depth: int) -> None:
    """Look at every 500th node: what is too deep by more than that is found at almost no cost."""
    cursor = tree.walk()
    for index in range(0, tree.root_node.descendant_count, _STRIDE):
        cursor.goto_descendant(index)
        if cursor.depth > depth:
            raise TooDeep


def _events(captures: Captures, grammar: Grammar, scopes: Sequence[Scope]) -> list[Event]:
    events = [(scope.start, -scope.end, ~index) for index, scope in enumerate(scopes)]
    for kind, name in enumerate(grammar.effects):
        events += [(node.start_byte, -node.end_byte, kind) for node in captures.get(name, ())]
    events.sort()
    return events


def _calls(called: Sequence[Called], breaks: Sequence[tuple[int, Scope]], selves: tuple[str, ...]) -> list[Call]:
    """Tie each call to the scope that holds it; a function that calls itself gets +1 cognitive (white paper, B1)."""
    found: list[Call] = []
    following = iter([*breaks[1:], (1 << 62, breaks[0][1])])
    (until, upcoming), scope = next(following), breaks[0][1]
    for start, row, text in called:
        while start >= until:
            scope = upcoming
            until, upcoming = next(following)
        callee = _callee(text)
        if callee.endswith(scope.name) and scope.kind is not None:
            _count_recursion(scope, callee, selves, breaks[0][1])
        found.append((callee, scope.qualified_name, row + 1))
    return found


def _callee(text: bytes) -> str:
    if _NAME.fullmatch(text):
        return text.decode()
    plain = _GENERIC.sub(b"", _CONNECTOR.sub(b".", b" ".join(text.split()))).strip(b". ")
    if not text.startswith(b"?.") and _NAME.fullmatch(plain):
        return plain.decode()
    tail = plain.rpartition(b".")[2].strip()
    return "?." + tail.decode() if _NAME.fullmatch(tail) else "?"


def _count_recursion(scope: Scope, callee: str, selves: tuple[str, ...], module: Scope) -> None:
    if callee == scope.name or (callee.startswith(selves) and callee.partition(".")[2] == scope.name):
        scope.cognitive += 1
        module.cognitive += 1


def _place(node: Node) -> tuple[int, int, int, int]:
    (line, column), (end_line, end_column) = node.start_point, node.end_point
    return line + 1, column + 1, end_line + 1, end_column + 1
