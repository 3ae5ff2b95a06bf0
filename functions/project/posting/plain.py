"""Foreign words made safe for a code host: names and messages may hold anything that a file may.

The same rules as analysis has for its report: no markup, no HTML, no link, no mention of a person, an issue or
a label, no line that a host takes for a command.
"""

from __future__ import annotations

import re
import unicodedata

_ACTIVE = re.compile(r"([\\`*_{}\[\]()#+!|<>&~$:%/=.-])")
_REPLACED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_PLAIN = frozenset("./=-%")  # harmless but where a mark is put behind them
_SIGNS = re.compile(r"([@#!~$%&])(?=\w)")
_WORD = re.compile(r"(?i)(www|gh-(?=\d)|:/)")
GAP = "\u200b"  # no sign, but the end of a word: hosts look for mentions in the text that they rendered


def visible(said: str, longest: int) -> str:
    """One line, cut; what cannot be seen or turns the direction of reading is shown as its number."""
    cut = said if len(said) <= longest else said[: longest - 1] + "…"
    return "".join(sign if _is_plain(sign) else f"\\u{{{ord(sign):x}}}" for sign in cut)


def _is_plain(sign: str) -> bool:
    return sign == " " or unicodedata.category(sign)[0] not in "CZ"


def markdown(said: str, longest: int = 300) -> str:
    """Text that Markdown shows as it is."""
    gaps = _WORD.sub(lambda found: found[0] + GAP, _SIGNS.sub(lambda found: found[0] + GAP, visible(said, longest)))
    return _ACTIVE.sub(_escaped, gaps)


def _escaped(found: re.Match[str]) -> str:
    sign = found[0]
    return _REPLACED.get(sign) or (sign if sign in _PLAIN else f"\\{sign}")


def code(said: str, longest: int = 200) -> str:
    """A code span, which ends where it shall; inside a table too."""
    shown = visible(said, longest).replace("|", "\\|") or " "
    fence = "`" * (max((len(run) for run in re.findall(r"`+", shown)), default=0) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"
