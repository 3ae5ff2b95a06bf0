"""Who owns a path, as GitHub says it."""

from __future__ import annotations

import time

import pytest

from functions.analysis.codeowners import MOST_RULES, Owners

# The example of GitHub's documentation, shortened.
EXAMPLE = """\
# a comment
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README", ("@global-owner1", "@global-owner2")),
        ("a/b.js", ("@js-owner",)),
        ("main.go", ("docs@example.com",)),
        ("x.txt", ("@octo-org/octocats",)),
        ("build/logs/a/b", ("@octocat",)),
        ("deeply/nested/logs/x", ("@octocat",)),
        ("docs/getting-started.md", ("@doctocat",)),
        ("apps/x/y", ("@octocat",)),
        ("inner/apps/x", ("@octocat",)),
        ("apps/github", ()),
        ("apps/github/deep", ()),
        ("scripts/run", ("@doctocat", "@octocat")),
    ],
)
def test_last_line_that_matches_wins(path, owners):
    assert Owners(EXAMPLE).of(path) == owners


def test_a_star_at_the_end_means_files_directly_in_the_folder():
    owners = Owners("docs/* @writers\n")

    assert owners.of("docs/a.md") == ("@writers",)
    assert owners.of("docs/build/a.md") == ()


def test_lines_that_github_skips_are_skipped_and_counted():
    owners = Owners("!secret @a\nsrc/[ab] @b\n*.py not-an-owner\n\\#odd @c\nx\\ y @d\n*.rb @e\n")

    assert owners.skipped == [1, 2, 3]
    assert owners.of("#odd") == ("@c",)
    assert owners.of("x y") == ("@d",)
    assert owners.of("a.rb") == ("@e",)
    assert owners.of("secret") == ()


def test_the_deciding_rule_is_told():
    rule = Owners(EXAMPLE).rule("docs/a/b")

    assert rule is not None
    assert (rule.line, rule.pattern) == (9, "/docs/")


def test_patterns_that_could_take_long_are_skipped():
    owners = Owners("*a*a*a*a*a*a*b @eve\n**/a/**/b/**/c @eve\n" + "x" * 600 + " @eve\n*a* @ada\n")
    started = time.perf_counter()

    assert owners.of("a" * 4_000) == ("@ada",)
    assert owners.skipped == [1, 2, 3]
    assert time.perf_counter() - started < 0.5


def test_rules_beyond_the_bound_are_skipped():
    owners = Owners("".join(f"/f{number} @a\n" for number in range(MOST_RULES + 2)))

    assert len(owners.rules) == MOST_RULES
    assert owners.skipped == [MOST_RULES + 1, MOST_RULES + 2]


@pytest.mark.parametrize(
    "text", ["", "\0", "\\", "/", "**", "* ", "a\\\\ @x", "\udcff @x", "***** @x", "a//b @x", "/ @x"]
)
def test_no_text_ends_in_an_error(text):
    Owners(text).of("a/b")
