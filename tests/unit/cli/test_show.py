"""The table for a terminal."""

from __future__ import annotations

import sys

import pytest

from cli import show
from cli.outcome import Outcome
from cli.records import Analysis, Finding
from cli.tree import Skipped
from cli.words import plain
from tests.unit.cli.platform import finding


def outcome(*findings: dict[str, object], skipped: int = 0) -> Outcome:
    analysis = Analysis.of({"id": "a1", "state": "completed", "totals": {"files": 1, "lines": 2}})
    return Outcome(
        server="http://s",
        project="p",
        version_id="v",
        analysis=analysis,
        findings=tuple(map(Finding.of, findings)),
        skipped=tuple(Skipped(f"f{index}", "r") for index in range(skipped)),
        artifacts=(),
        review=None,
    )


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_markup_in_content_is_text_in_the_table(terminal: None, capsys: pytest.CaptureFixture[str]) -> None:
    show.show(outcome(finding(message="[bold]x[/bold] [link=http://e]y[/link]\x1b[31m")), "table")

    shown = capsys.readouterr().out
    assert "[bold]x[/bold] [link=http://e]y[/link]\\x1b[31m" in shown


def test_a_pipe_gets_no_colour_and_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    show.show(outcome(finding()), "table")

    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert shown.startswith("a.py:3:5: medium: undefined name [ruff/F821]\n")


def test_long_lists_of_skipped_files_are_cut_with_a_count() -> None:
    lines = show.summary(outcome(skipped=25))

    assert "Not read: 25 files" in lines
    assert "  and 5 more: --format json lists all" in lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢 🙂", "plain é 漢 🙂"),
        ("tab\tnew\nline", "tab new line"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("\ud800", "\\ud800"),
        ("a\u2028b", "a\\u2028b"),
    ],
)
def test_words_are_made_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_long_words_are_cut() -> None:
    assert plain("abcdef", longest=4) == "abc…"
