"""Who owns a path, as GitHub reads CODEOWNERS: the last line that matches wins, and may name nobody.

Lines that GitHub would skip are skipped, and so are patterns whose matching could take long: they are counted.
https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where it may lie; the first that is there counts."""
LARGEST_BYTES = 256 * 1024  # GitHub reads up to 3 MB; a rule for each of thousands of folders fits in this
MOST_RULES = 5_000
_LONGEST_PATTERN = 512  # characters
_MOST_STARS = 2  # in a segment, and of `**` in a pattern: each one more costs the length of a path once more
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)?|[^@\s]+@[\w.-]+")
_WORDS = re.compile(r"(?:\\.|\S)+")


@dataclass(frozen=True, slots=True)
class Rule:
    line: int
    pattern: str
    owners: tuple[str, ...]
    matches: re.Pattern[str]
    direct: bool  # `folder/*` means files directly in the folder

    def fits(self, path: str) -> bool:
        found = self.matches.match(path)
        return found is not None and not (self.direct and found.groupdict().get("ps_d"))


class Owners:
    """Rules of one CODEOWNERS file; `skipped` are the numbers of lines that mean nothing."""

    def __init__(self, text: str) -> None:
        self.skipped: list[int] = []
        self.rules = list(self._read(text))

    def rule(self, path: str) -> Rule | None:
        """The rule that decides on `path`."""
        return next((rule for rule in self._last_first if rule.fits(path)), None)

    def of(self, path: str) -> tuple[str, ...]:
        found = self.rule(path)
        return found.owners if found is not None else ()

    @cached_property
    def _last_first(self) -> list[Rule]:
        return self.rules[::-1]

    def _read(self, text: str) -> Iterator[Rule]:
        kept = 0
        for number, line in enumerate(text.splitlines(), 1):
            words = _WORDS.findall(line)
            if not words or words[0].startswith("#"):
                continue
            rule = _rule(number, words) if kept < MOST_RULES else None
            if rule is None:
                self.skipped.append(number)
            else:
                kept += 1
                yield rule


def _rule(number: int, words: list[str]) -> Rule | None:
    pattern, owners = words[0], _until_comment(words[1:])
    if not _is_allowed(pattern) or not all(_OWNER.fullmatch(owner) for owner in owners):
        return None
    matches = _compiled(pattern)
    if matches is None:
        return None
    return Rule(number, pattern, tuple(dict.fromkeys(owners)), matches, pattern.endswith("/*"))


def _until_comment(words: list[str]) -> list[str]:
    end = next((place for place, word in enumerate(words) if word.startswith("#")), len(words))
    return words[:end]


def _is_allowed(pattern: str) -> bool:
    """GitHub knows neither negation nor ranges of characters."""
    if pattern.startswith("!") or "[" in pattern or len(pattern) > _LONGEST_PATTERN:
        return False
    stars = [segment.count("*") for segment in pattern.split("/") if segment != "**"]
    return max(stars, default=0) <= _MOST_STARS and pattern.split("/").count("**") <= _MOST_STARS


def _compiled(pattern: str) -> re.Pattern[str] | None:
    from pathspec.patterns.gitignore.base import GitIgnorePatternError
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        said, _ = GitIgnoreSpecPattern.pattern_to_regex(pattern)
        return re.compile(said) if said else None
    except (GitIgnorePatternError, ValueError, re.error):
        return None
