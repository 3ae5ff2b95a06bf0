"""Bytes to text that engines can read, and the limits a content must keep to be read at all."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from types import MappingProxyType

REASONS = MappingProxyType(
    {
        "binary": "it has NUL bytes, so it is not text",
        "too-large": "it is larger than the limit for one file",
        "long-line": "a line is longer than the limit for a parsed language (10 MB on one line cost 1.5 GB to parse)",
        "nesting": "it nests deeper than the limit",
        "unsupported-language": "no parser for this language is built in: lines and lexical metrics only",
        "unreadable": "its content could not be fetched",
        "syntax-error": "parts of it do not parse; the rest was measured",
        "memory": "the engines ran out of memory on it",
        "timeout": "the engines ran out of time on it",
        "crash": "the engines crashed on it",
        "output": "the engines said more about it than the limit allows",
    }
)
"""Code of `FileResult.reason` to a sentence for people."""

CIRCUMSTANTIAL = frozenset(("memory", "timeout", "crash", "unreadable"))
"""Reasons that also depend on the machine: they count for one analysis, and the next one reads the content again."""

_SNIFF_BYTES = 8_000  # what git looks at
_COOKIE = re.compile(rb"\A(?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)")
_BRACKETS = b"()[]{}"
_NOT_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))
_ROUNDS = 8
_GENERATED = re.compile(rb"@generated\b|\bDO NOT EDIT\b|\b[Aa]uto(?:matically |-)?generated (?:by|from|file)\b")
_GENERATED_HEAD_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class Text:
    """`data` is UTF-8 without a byte order mark; `notes` say what was repaired."""

    data: bytes
    notes: tuple[str, ...] = ()


def is_binary(data: bytes) -> bool:
    return b"\0" in data[:_SNIFF_BYTES] and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def is_generated(data: bytes) -> bool:
    """Whether its head says that a tool wrote it."""
    return bool(_GENERATED.search(data[:_GENERATED_HEAD_BYTES]))


def decode(data: bytes, *, cookie: bool) -> Text:
    """Turn any text into UTF-8; bytes that fit no declared encoding become U+FFFD and are noted.

    Args:
        cookie: Whether the language declares its encoding in a comment, as Python does.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _lines(Text(data.decode("utf-16", "replace").encode(), ("read as UTF-16",)))
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        if not data.isascii():
            data.decode()
    except UnicodeDecodeError:
        return _lines(_declared(data) if cookie else _replaced(data))
    return _lines(Text(data))


def _declared(data: bytes) -> Text:
    found = _COOKIE.match(data)
    name = found[1].decode() if found else ""
    try:
        return Text(data.decode(name).encode(), (f"read as {name}",)) if name else _replaced(data)
    except (LookupError, UnicodeError):
        return _replaced(data)


def _replaced(data: bytes) -> Text:
    return Text(data.decode("utf-8", "replace").encode(), ("invalid UTF-8 was replaced",))


def _lines(text: Text) -> Text:
    """Old line ends (a lone carriage return) become `\\n`; CRLF is left as it is."""
    if b"\r" in text.data and b"\n" not in text.data:
        return Text(text.data.replace(b"\r", b"\n"), text.notes)
    return text


def line_count(data: bytes) -> int:
    """A last line without an end counts; an empty content has none."""
    return data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))


def longest_line(data: bytes) -> int:
    """In bytes."""
    return max(map(len, data.split(b"\n")), default=0)


def nests_deeper(data: bytes, limit: int) -> bool:
    """Whether brackets nest deeper than `limit`, those in strings and comments included.

    A few rounds that remove innermost pairs at the speed of C leave nothing of ordinary code; only what is left over is counted.
    """
    brackets = data.translate(None, _NOT_BRACKETS)
    left = brackets
    for _ in range(_ROUNDS):
        left = left.replace(b"()", b"").replace(b"[]", b"").replace(b"{}", b"")
    return len(left) > limit - _ROUNDS and _depth(brackets) > limit


def _depth(brackets: bytes) -> int:
    depth = deepest = 0
    for byte in brackets:
        depth = depth + 1 if byte in b"([{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest
