"""Foreign words are shown and do nothing; hosts are found and listened to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from functions.project.posting.github import base_of
from functions.project.posting.news import Finding, News
from functions.project.posting.plain import code, markdown
from functions.project.posting.speaking import wait_s
from functions.project.posting.words import LARGEST, summary


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://github.com/example/parser.git", "https://api.github.com"),
        ("https://acme.ghe.com/example/parser", "https://api.acme.ghe.com"),
        ("https://git.example.org:8443/example/parser", "https://git.example.org:8443/api/v3"),
    ],
)
def test_the_api_is_where_the_repository_is(url, base):
    assert base_of(url) == base


@pytest.mark.parametrize(
    ("said", "never"),
    [
        ("@team look", "@team"),
        ("see #12 and !3", "#12"),
        ("[a](https://evil.example)", "]("),
        ("https://evil.example", "://"),
        ("www.evil.example", "www.evil"),
        ("<script>", "<script"),
        ("a\n/close", "\n"),
        ("\u202egnp.exe", "\u202e"),
        ("GH-12", "GH-12"),
    ],
)
def test_words_from_elsewhere_do_nothing(said, never):
    assert never not in markdown(said)


def test_a_span_of_code_ends_where_it_shall():
    assert code("a`b``c|d\n") == "```a`b``c\\|d\\u{a}```"


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (Answered(429, {"retry-after": "30"}), 30),
        (Answered(429, {"retry-after": "9" * 30}), 3_600),
        (Answered(429, {"retry-after": "soon"}), 60),
        (
            Answered(
                503,
                {"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"},
            ),
            30,
        ),
        (Answered(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "nan"}), 60),
        (Answered(403, {}, b'{"message": "You have exceeded a secondary rate limit"}'), 60),
        (Answered(403, {}, b"no"), None),
        (Answered(200, {"retry-after": "30"}), None),
    ],
)
def test_a_host_says_in_its_way_how_long_to_wait(answer, seconds):
    assert wait_s(answer) == seconds


def test_a_summary_of_anything_fits_a_comment():
    findings = tuple(Finding(str(n), "x" * 500, "high", "", "*" * 5_000, "", "/" * 4_000, n, n) for n in range(500))

    said = summary("p", News(findings, 500, 0, 0, "failed", ("*" * 5_000,) * 10), findings, 0, ())

    assert len(said) <= LARGEST + 500
    assert "more are in the full report" in said
    assert said.endswith("<!-- coderev:summary:p -->")
