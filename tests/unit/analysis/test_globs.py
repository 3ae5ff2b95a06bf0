"""Patterns of .gitignore: those of pathspec, in time that no pattern can blow up."""

from __future__ import annotations

import random
import time

import pytest
from pathspec import GitIgnoreSpec

from functions.analysis.engines.globs import globs

PARTS = ["a", "b", "ab", "*", "a*", "*b", "?", "**", "[ab]", "[!a]", "a*b", "*a*", "abc", ".x", "\\*"]
NAMES = ["a", "b", "ab", "abc", "aab", ".x", "ba", "c", "*"]


def test_they_match_what_pathspec_matches():
    draw = random.Random(7)
    for _ in range(5_000):
        parts = [draw.choice(PARTS) for _ in range(draw.randint(1, 4))]
        end = "/" if draw.random() < 0.2 and parts[-1] != "**" else ""  # for `x/**/` git and pathspec differ
        pattern = ("/" if draw.random() < 0.2 else "") + "/".join(parts) + end
        path = "/".join(draw.choice(NAMES) for _ in range(draw.randint(1, 5)))

        assert globs([pattern]).match(path) == GitIgnoreSpec.from_lines([pattern]).match_file(path), (pattern, path)


def test_the_last_pattern_that_matches_decides():
    found = globs(["vendor/**", "!vendor/own.py", "# a comment", "", "*.min.js"])

    assert [found.match(path) for path in ("vendor/a.py", "vendor/own.py", "x/y.min.js", "a.py")] == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("a*" * 40 + "b", "a" * 4_000),
        ("**/" + "*a" * 30 + "/x", "a" * 4_000),
        ("**/a/" * 20 + "b", "/".join("a" * 2_000)),
        ("*a*aaaaaaaaaaaaaaaaab", "a" * 4_000),
        ("[" * 500, "a" * 4_000),
    ],
)
def test_no_pattern_takes_long(pattern, path):
    started = time.process_time()

    globs([pattern]).match(path)

    assert time.process_time() - started < 0.5


def test_what_is_no_pattern_is_told():
    assert globs(["/", "a\\", "ok"]).bad == ("/", "a\\")
