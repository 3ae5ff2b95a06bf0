"""Makes a model's words inert: they end in web pages, terminals and pull requests. Standard library only.

Nothing that loads, links, notifies, commands or hides survives: images, links and URLs lose their targets,
HTML its tags, terminals their escape codes, mentions and slash commands their effect.
"""

from __future__ import annotations

import re
import unicodedata

_JOINER = "\u2060"  # invisible; breaks `@name` and `/command` for the services that act on them
_ESCAPE_CODES = re.compile(r"\x1b(?:\[[0-?]{0,20}[ -/]{0,5}[@-~]|\][^\x07\x1b]{0,500}(?:\x07|\x1b\\)?|.)?", re.DOTALL)
_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,500})\](?:\([^()\n]{0,2000}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\)|\[[^\[\]\n]{0,200}\])"
)
_REFERENCE = re.compile(r"(?m)^\s{0,3}\[[^\[\]\n]{1,200}\]:\s.*$")
_TAGS = (
    "a|abbr|audio|b|base|blockquote|body|br|button|canvas|code|details|div|em|embed|font|form|frame|h[1-6]|head|hr|html|i|"
    "iframe|img|input|ins|kbd|label|li|link|marquee|math|meta|object|ol|option|p|pre|q|s|script|select|small|source|span|"
    "strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|th|thead|title|tr|u|ul|video"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:[\s/][^<>]{{0,2000}})?>|<!--[\s\S]{{0,2000}}?-->", re.IGNORECASE)
_URL = re.compile(
    r"<?\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.|mailto:|javascript:|data:[a-z]+/|vbscript:)[^\s<>`'\"]{0,2000}>?",
    re.IGNORECASE,
)
_OPENING = re.compile(r"<(?=[a-zA-Z/!?])")
_MENTION = re.compile(r"(?<![\w`])@(?=\w)")
_COMMAND = re.compile(r"(?m)^(\s{0,10})/(?=[a-z])")
_RISKY = re.compile(
    r"<\s{0,5}(?:script|iframe|img|object|embed)\b|javascript:|\b[a-z][a-z0-9+.-]{1,20}://[^\s'\"<>]{1,500}",
    re.IGNORECASE,
)


def visible(text: str) -> str:
    """Without escape codes, control, format and bidirectional characters, and lone surrogates; tabs and newlines stay."""
    text = _ESCAPE_CODES.sub("", text.replace("\r\n", "\n"))
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter)[0] != "C")


def inert(text: str, longest: int) -> str:
    """At most `longest` characters of plain prose."""
    text = visible(text[: longest * 4])
    text = _LINK.sub(r"\1", _REFERENCE.sub("", text))
    text = _URL.sub("(link removed)", _TAG.sub("", text))
    text = _OPENING.sub("‹", text)
    text = _COMMAND.sub(rf"\1{_JOINER}/", _MENTION.sub(f"@{_JOINER}", text)).strip()
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def safe_code(suggestion: str, excerpt: str, longest: int) -> str | None:
    """Suggested code as it is, or None if it hides something, is too long, or brings URLs or scripts along."""
    if len(suggestion) > longest or not suggestion.strip() or visible(suggestion) != suggestion:
        return None
    known = excerpt.casefold()
    if any(risky.group().casefold() not in known for risky in _RISKY.finditer(suggestion)):
        return None
    return suggestion
