"""Foreign words made safe to show: names and messages may hold anything that a file may."""

from __future__ import annotations

import re
import unicodedata

_ACTIVE = re.compile(r"([\\`*_{}\[\]()#+!|<>&~$:-])")
_REPLACED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def visible(said: str, longest: int) -> str:
    """One line, cut; what cannot be seen or turns the direction of reading is shown as its number."""
    cut = said if len(said) <= longest else said[: longest - 1] + "\u2026"
    return "".join(sign if _is_plain(sign) else f"\\u{{{ord(sign):x}}}" for sign in cut)


def _is_plain(sign: str) -> bool:
    return sign == " " or unicodedata.category(sign)[0] not in "CZ"


def markdown(said: str, longest: int = 300) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, no link, no mention of a person or an issue."""
    escaped = _ACTIVE.sub(lambda found: _REPLACED.get(found[0], "\\" + found[0]), visible(said, longest))
    return escaped.replace("@", "@\u200b").replace("www.", "www\u200b.").replace("://", "\u200b://")


def code(said: str, longest: int = 200) -> str:
    """A code span, which ends where it shall; inside a table too."""
    shown = visible(said, longest).replace("|", "\\|") or " "
    fence = "`" * (max((len(run) for run in re.findall(r"`+", shown)), default=0) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"
