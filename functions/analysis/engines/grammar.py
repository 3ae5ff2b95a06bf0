"""What a parsed language has to bring: a tree-sitter grammar, a query for the nodes wanted and how to read them."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter

from tree_sitter import Language, Node, Parser, Query

from functions.analysis.engines.scopes import Effect, Scope
from functions.analysis.model import Constant, Import

Captures = dict[str, list[Node]]
"""Capture name to its nodes, in no order that could be relied on."""
Called = tuple[int, int, bytes]
"""Where a call begins (byte, line from 0) and what it calls, as written."""
_START, _END = attrgetter("start_byte"), attrgetter("end_byte")


@dataclass(frozen=True, slots=True)
class Source:
    """A content as UTF-8 bytes with `\\n` line ends."""

    data: bytes

    def text(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode()


def in_order(captures: Captures, name: str) -> list[Node]:
    """The nodes of a capture by their place, the outer of two first. A name and what it names have the same one in their two lists."""
    return sorted(sorted(captures.get(name, ()), key=_END, reverse=True), key=_START)


def within(position: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether one of the spans, which do not overlap, holds the position."""
    index = bisect_right(spans, (position, sys.maxsize)) - 1
    return index >= 0 and position < spans[index][1]


def called(captures: Captures, source: Source) -> list[Called]:
    """Calls whose callee is one node."""
    data = source.data
    return [
        (start := node.start_byte, node.start_point[0], data[start : node.end_byte])
        for node in in_order(captures, "call")
    ]


@dataclass(frozen=True, eq=False, slots=True)
class Grammar:
    """One language: `effects` maps capture names of the query to what they add to complexity."""

    name: str
    load: Callable[[], object]
    query: str
    effects: Mapping[str, Effect]
    scopes: Callable[[Captures, Source], list[Scope]]
    imports: Callable[[Captures, Source], list[Import]]
    constants: Callable[[Captures, Source], list[Constant]]
    selves: tuple[str, ...]  # what a method calls itself through
    calls: Callable[[Captures, Source], list[Called]] = called
    prepare: Callable[[bytes], bytes] | None = None  # makes what the parser cannot know readable, byte for byte


@cache
def parser(grammar: Grammar) -> Parser:
    return Parser(_language(grammar))


@cache
def query(grammar: Grammar) -> Query:
    return Query(_language(grammar), grammar.query)


@cache
def _language(grammar: Grammar) -> Language:
    return Language(grammar.load())
