"""Licences by what they ask: only what a manifest says, as an SPDX expression or as a common name."""

from __future__ import annotations

import re
from functools import lru_cache

_STRONG = re.compile(r"\b(?:A?GPL|SSPL)\b|\b(?:A?GPL|SSPL)[-_ ]?v?\d|General Public Licen[cs]e|Affero", re.IGNORECASE)
_WEAK = re.compile(r"LGPL|Lesser|Library General", re.IGNORECASE)
_OPERATOR = re.compile(r"(\(|\)|\s(?:AND|OR|WITH)(?=[\s(]))", re.IGNORECASE)
_DEEPEST = 30  # brackets
_LONGEST = 500  # characters


@lru_cache(4096)
def is_strong_copyleft(licence: str) -> bool:
    """Whether every way to comply passes through a strong copyleft licence.

    One alternative that is free of it is enough; an exception (WITH) is taken as one for linking.
    """
    if len(licence) > _LONGEST or licence.count("(") > _DEEPEST or not _STRONG.search(licence):
        return False
    words = [word.strip() for word in _OPERATOR.split(licence) if word and word.strip()]
    return _Expression(words).any_of()


class _Expression:
    """A reader of `a OR b AND (c WITH d)`: any_of = all_of (OR all_of)*, all_of = one (AND one)*."""

    def __init__(self, words: list[str]) -> None:
        self._words, self._at = words, 0

    def _next(self, word: str) -> bool:
        found = self._at < len(self._words) and self._words[self._at].upper() == word
        self._at += found
        return found

    def any_of(self) -> bool:
        strong = self._all_of()
        while self._next("OR"):
            strong = self._all_of() and strong
        return strong

    def _all_of(self) -> bool:
        strong = self._one()
        while self._next("AND"):
            strong = self._one() or strong
        return strong

    def _one(self) -> bool:
        if self._next("("):
            strong = self.any_of()
            self._next(")")
            return strong
        name = self._words[self._at] if self._at < len(self._words) else ""
        self._at += 1
        if self._next("WITH"):
            self._at += 1
            return False
        return bool(_STRONG.search(name)) and not _WEAK.search(name)
