"""A content as tokens for the search for duplicates: what is written, without comments, imports and literals' values.

Comments come from the syntax tree where there is one. Strings and numbers are found by lexical rules alone, at ten
times the speed of a walk through the tree; a rule that misreads odd text misreads its copy in the same way.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from functions.analysis.engines.words import words

MOST_TOKENS = 2**20 - 1
_TRIPLE = frozenset(words("python cython java kotlin scala swift groovy csharp julia elixir dart"))
_BACKTICK = frozenset(words("javascript typescript tsx vue svelte go"))
_LONE_QUOTE = frozenset(words("rust haskell ocaml fsharp scala lisp clojure"))  # a quote need not open a literal
NOT_CODE = frozenset(words("json yaml toml ini xml html markdown restructuredtext text dockerfile make cmake"))
"""Languages in which repetition is the form of the thing, not a copy."""

_NUMBER = re.compile(rb"\b\d[\w.]*")
_IMPORT = re.compile(
    rb"^[ \t]*(?:import|from|package|use|using|require|include|#[ \t]*include)\b[^\n;({=]*"
    rb"(?:\([^()]*\)|\{[^{}]*\})?[^\n;]*;?",
    re.MULTILINE,
)
_TOKEN = re.compile(rb"[A-Za-z_$@\x80-\xff][\w$\x80-\xff]*|\d|[^\s\w]")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A CRC-32 for each token, and how many tokens each line has."""

    hashes: array[int]
    counts: array[int]


def tokens(code: bytes, language: str) -> Tokens:
    """The tokens of `code`, which has no comments any more but all of its line ends."""
    text = _strings(language).sub(_blank, code)
    text = _NUMBER.sub(b"0", _IMPORT.sub(_gone, text))
    found: list[bytes] = []
    counts = array("I")
    for line in text.split(b"\n"):
        row = _TOKEN.findall(line)
        counts.append(len(row))
        found += row
    return Tokens(array("I", map(crc32, found[:MOST_TOKENS])), counts)


@cache
def _strings(language: str) -> re.Pattern[bytes]:
    """An end that is missing is no failure, so that hostile text costs linear time."""
    quote = rb"'(?:\\[^\n]|[^'\\\n])'" if language in _LONE_QUOTE else rb"'(?:\\.|[^'\\\n])*'?"
    kinds = [rb'"(?:\\.|[^"\\\n])*"?', quote]
    if language in _TRIPLE:
        kinds = [rb'"""(?s:.*?)(?:"""|\Z)', rb"'''(?s:.*?)(?:'''|\Z)", *kinds]
    if language in _BACKTICK:
        kinds.append(rb"`[^`]*`?")
    return re.compile(b"|".join(kinds))


def _blank(found: re.Match[bytes]) -> bytes:
    return b'"' + b"\n" * found[0].count(b"\n")


def _gone(found: re.Match[bytes]) -> bytes:
    return b"\n" * found[0].count(b"\n")
