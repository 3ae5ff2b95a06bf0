"""Patterns over paths as in .gitignore (https://git-scm.com/docs/gitignore), matched in time that no pattern can blow up.

A pattern that becomes a plain regular expression takes time that grows with a power of its stars; here each star but the last
takes the first place that fits and never another one (an atomic group), which finds a match if there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_CLASS = re.compile(r"\[(?:[!^])?\]?[^\]/]*\]")


class BadPattern(ValueError):
    """What is no pattern."""


@dataclass(frozen=True, slots=True)
class Globs:
    """Patterns in their order: the last one that matches decides, and one that begins with `!` takes a path back."""

    rules: Sequence[tuple[bool, re.Pattern[str]]] = ()
    bad: Sequence[str] = ()

    def match(self, path: str) -> bool:
        for wanted, pattern in reversed(self.rules):
            if pattern.match(path):
                return wanted
        return False


def globs(patterns: Iterable[str]) -> Globs:
    """Patterns that cannot be read are kept apart in `bad`."""
    return _globs(tuple(patterns))


@lru_cache(maxsize=64)
def _globs(patterns: tuple[str, ...]) -> Globs:
    rules, bad = [], []
    for line in patterns:
        text = line.rstrip()
        if not text or text.startswith("#"):
            continue
        try:
            rules.append((not text.startswith("!"), translate(text.removeprefix("!"))))
        except (BadPattern, re.error):
            bad.append(line)
    return Globs(tuple(rules), tuple(bad))


def translate(pattern: str) -> re.Pattern[str]:
    """A pattern that matches from the start of a path; a folder that matches takes all in it. Raises BadPattern."""
    anchored = "/" in pattern.rstrip("/")
    only_folders = pattern.endswith("/")
    parts = pattern.strip("/").split("/")
    if parts == [""]:
        raise BadPattern(pattern)
    if not anchored:
        parts = ["**", *parts]
    end = "/" if only_folders else "(?:/|$)"
    return re.compile(_joined(parts, end), re.DOTALL)


def _joined(parts: Sequence[str], end: str) -> str:
    """Runs of parts between `**`: each but the last is looked for once, from the left."""
    runs: list[list[str]] = [[]]
    for part in parts:
        if part == "**":
            runs.append([])
        else:
            runs[-1].append(_segment(part))
    first, *rest = runs
    pieces = ["".join(f"{part}/" for part in first)] if rest else ["/".join(first)]
    for run in rest[:-1]:
        if run:
            pieces.append(f"(?>(?:[^/]*/)*?{''.join(f'{part}/' for part in run)})")
    if rest:
        last = "/".join(rest[-1])
        pieces.append(f"(?:[^/]*/)*?{last}" if last else "[^/]+")
    return "".join(pieces) + end


def _segment(part: str) -> str:
    """One name: `*` any signs, `?` one, `[...]` one of some; a backslash takes the meaning from the next sign."""
    pieces, position = [""], 0
    while position < len(part):
        sign = part[position]
        if sign == "*":
            pieces.append("")
            position += len(part[position:]) - len(part[position:].lstrip("*"))
            continue
        text, position = _one(part, position)
        pieces[-1] += text
    if len(pieces) == 1:
        return pieces[0]
    middle = "".join(f"(?>[^/]*?{piece})" for piece in pieces[1:-1])
    return f"{pieces[0]}{middle}[^/]*{pieces[-1]}"


def _one(part: str, position: int) -> tuple[str, int]:
    """The expression for one sign, and where the next one stands."""
    sign = part[position]
    if sign == "?":
        return "[^/]", position + 1
    if sign == "[" and (found := _CLASS.match(part, position)):
        inside = found[0][1:-1]
        inside = f"^/{inside[1:]}" if inside.startswith(("!", "^")) else inside
        return f"(?!/)[{inside.replace(chr(92), chr(92) * 2).replace('[', chr(92) + '[')}]", found.end()
    if sign == "\\" and position + 1 == len(part):
        raise BadPattern(part)
    step = 1 if sign == "\\" else 0
    return re.escape(part[position + step]), position + step + 1
