"""The table for a terminal."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from cli import show
from cli.outcome import Outcome
from cli.progress import Bars
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


def be_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_markup_in_content_is_text_in_the_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    be_a_terminal(monkeypatch)

    show.show(outcome(finding(message="[bold]x[/bold] [link=http://e]y[/link]\x1b[31m")), "table")

    shown = capsys.readouterr().out
    assert "Severity" in shown
    assert "[bold]x[/bold] [link=http://e]y[/link]\\x1b[31m" in shown


def test_a_bar_shows_one_phase_at_a_time() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with Progress(TextColumn("{task.description}"), console=console, auto_refresh=False) as bar:
        shown = Bars(bar)
        shown.phase("upload", 10)
        shown.at(4)
        shown.phase("analyse", 3)
        shown.at(2, 5)
        shown.note("[red]a note[/red]")

        (task,) = bar.tasks
        assert (task.description, task.completed, task.total) == ("analyse", 2, 5)
        assert "[red]a note[/red]" in console.file.getvalue()  # type: ignore[attr-defined]


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
