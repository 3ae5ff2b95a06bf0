"""What the languages with blocks share: what a construct adds, how declarations are read and how names are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tree_sitter import Node

from functions.analysis.engines.grammar import Called, Captures, Source, called, in_order
from functions.analysis.engines.scopes import Effect, Scope
from functions.analysis.model import Constant, FunctionKind

EFFECTS = {
    "if": Effect(1, 1, scaled=True, nests=True),
    "chained": Effect(1, 0, nests=True),  # the `if` of an `else if`; its `else` counts
    "elif": Effect(1, 1, nests=True),
    "else": Effect(0, 1),
    "branch": Effect(1, 1, scaled=True, nests=True),
    "loop": Effect(0, 1, scaled=True, nests=True),
    "switch": Effect(0, 1, scaled=True, nests=True),
    "case": Effect(1, 0),
    "decision": Effect(1, 0),
    "jump": Effect(0, 1),
    "logical": Effect(1, 1),
    "same": Effect(0, -1),
    "nameless": Effect(0, 0, nests=True, control=False),
}
"""Capture to what it adds, by the words of the white paper; a language may add its own."""
_GENERIC = re.compile(r"<[^<>]*>")
_NAME = re.compile(r"[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)*")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_]*")
_CONNECTORS = re.compile(r" ?(?:::|->|\\|\?\.|\.) ?")
_DOTS = re.compile(rb"\.|->")
_OWN = (b"self.", b"this.", b"this->")
_DEEPEST_GENERIC = 8


def unchain(captures: Captures) -> None:
    """An `if` that an `else` begins with is not one of its own."""
    chained = {node.id for node in captures.get("chained", ())}
    captures["if"] = [node for node in captures.get("if", ()) if node.id not in chained]


def function(node: Node, name: str, parameters: int, *, owner: str = "", at: Node | None = None) -> Scope:
    """It is shown where its name stands, below annotations: `at`, or its field of that name."""
    line, end_line = _line(node, at), node.end_point[0] + 1
    return Scope(name, node.start_byte, node.end_byte, line, end_line, FunctionKind.FUNCTION, parameters, owner=owner)


def klass(node: Node, name: str, bases: Iterable[str] = ()) -> Scope:
    line, end_line = _line(node, None), node.end_point[0] + 1
    return Scope(name, node.start_byte, node.end_byte, line, end_line, bases=tuple(bases))


def _line(node: Node, at: Node | None) -> int:
    return (at or node.child_by_field_name("name") or node).start_point[0] + 1


def space(node: Node, name: str, end: int | None = None, *, within: FunctionKind = FunctionKind.FUNCTION) -> Scope:
    """A namespace: it only lends its name to what is in it. `end` is where it ends if not with its node."""
    line, end_line = node.start_point[0] + 1, node.end_point[0] + 1
    until = node.end_byte if end is None else end
    return Scope(name, node.start_byte, until, line, end_line, listed=False, within=within)


def name_of(node: Node, source: Source, field: str = "name") -> str:
    """The text of a field on one line; empty if it has none."""
    found = node.child_by_field_name(field)
    return " ".join(source.text(found).split()) if found else ""


def first(node: Node) -> Node | None:
    return node.named_children[0] if node.named_child_count else None


def count(listed: Node | None, *, but: frozenset[str]) -> int:
    """How many named children there are that are not of the types of `but`, comments and errors."""
    if listed is None or not listed.named_child_count:
        return 0
    return sum(child.type not in but and not child.is_extra and not child.is_error for child in listed.named_children)


def dotted(text: str) -> str:
    """`a::b<C>` and `\\a\\b` as `a.b`; `?` for what is no name."""
    if "<" in text:
        for _ in range(_DEEPEST_GENERIC):
            text, changed = _GENERIC.subn("", text)
            if not changed:
                break
    plain = _CONNECTORS.sub(".", " ".join(text.split())).strip(".& *\n\t")
    return plain if _NAME.fullmatch(plain) else "?"


def types(listed: Sequence[Node], source: Source) -> Iterator[str]:
    """The names of base types."""
    for child in listed:
        if not child.is_extra:
            yield dotted(source.text(child))


def calls(captures: Captures, source: Source) -> list[Called]:
    """A call on what is no type and not the object itself could be of any type: only the member's name is told."""
    found = called(captures, source)
    for node in captures.get("member", ()):
        start, text = node.start_byte, source.data[node.start_byte : node.end_byte]
        if not text.startswith(_OWN):
            text = b"?." + _DOTS.split(text)[-1]
        found.append((start, node.start_point[0], text))
    return sorted(found)


def constants(captures: Captures, source: Source) -> list[Constant]:
    """Names in capitals."""
    named = ((source.text(node), node.start_point[0] + 1) for node in in_order(captures, "constant"))
    return [Constant(name, line) for name, line in named if _CAPITALS.fullmatch(name)]
