"""Comments of languages without a parser, found by their lexical rules alone (strings over several lines are not known)."""

from __future__ import annotations

import re
from functools import cache

from functions.analysis.engines.words import words

_C = ("//", ("/*", "*/"))
_HASH = ("#", None)
_RULES: dict[str, tuple[str, tuple[str, str] | None]] = {
    **dict.fromkeys(
        words(
            "javascript typescript tsx java kotlin scala groovy c cpp csharp go rust swift objective-c dart zig scss solidity protobuf"
        ),
        _C,
    ),
    **dict.fromkeys(words("python ruby perl r elixir shell yaml toml make dockerfile graphql rego cython"), _HASH),
    "php": ("//|#", ("/*", "*/")),
    "terraform": ("//|#", ("/*", "*/")),
    "fsharp": ("//", ("(*", "*)")),
    "lua": ("--", ("--[[", "]]")),
    "sql": ("--", ("/*", "*/")),
    "haskell": ("--", ("{-", "-}")),
    "ocaml": ("", ("(*", "*)")),
    "css": ("", ("/*", "*/")),
    "julia": ("#", ("#=", "=#")),
    "powershell": ("#", ("<#", "#>")),
    "cmake": ("#", ("#[[", "]]")),
    "erlang": ("%", None),
    "clojure": (";", None),
    "lisp": (";", ("#|", "|#")),
    "ini": ("#|;", None),
    "batch": ("(?i:rem )|::", None),
    "assembly": (";|#|//", ("/*", "*/")),
    **dict.fromkeys(("html", "xml", "vue", "svelte", "markdown"), ("", ("<!--", "-->"))),
}


@cache
def _pattern(language: str) -> re.Pattern[bytes] | None:
    line, block = _RULES.get(language, ("", None))
    parts = []
    if block:
        parts.append(rf"^[ \t]*{re.escape(block[0])}(?s:.*?)(?:{re.escape(block[1])}|\Z)")
    if line:
        parts.append(rf"^[ \t]*(?:{line}).*$")
    return re.compile("|".join(parts).encode(), re.MULTILINE) if parts else None


def comments(data: bytes, language: str) -> list[tuple[int, int]]:
    """Spans of comments that begin a line; a comment after code leaves its line a code line."""
    pattern = _pattern(language)
    return [match.span() for match in pattern.finditer(data)] if pattern else []
