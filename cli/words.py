"""Text from files and models, made safe for a terminal: nothing in it may move the cursor, colour or hide."""

from __future__ import annotations

import unicodedata

_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_SHORTENED = "…"


def plain(text: str, *, longest: int | None = None) -> str:
    """One line of visible characters; control and format characters (bidirectional overrides too) are escaped."""
    shown = "".join(map(_visible, text.replace("\r\n", "\n").replace("\n", " ").replace("\t", " ")))
    if longest is not None and len(shown) > longest:
        return shown[: longest - 1] + _SHORTENED
    return shown


def counted(number: int, noun: str) -> str:
    """`1 file`, `1,200 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def lines(text: str) -> list[str]:
    """The lines of a longer text, each made plain."""
    return [plain(line) for line in text.strip().splitlines()]


def _visible(sign: str) -> str:
    if unicodedata.category(sign) not in _HARMFUL:
        return sign
    return f"\\x{ord(sign):02x}" if ord(sign) < 256 else f"\\u{ord(sign):04x}"
