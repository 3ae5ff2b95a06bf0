"""Parts of the emulator's commands that need no emulator."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from cli import local
from cli.emulated import durations, paint
from cli.emulated.documents import event_of
from cli.emulated.place import Edge, edge_of, nearest
from cli.emulated.serve import parameters
from cli.errors import UserError
from cli.up.options import UpOptions
from tests.unit.cli.conftest import LocalServer, Said


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3m", 180),
        ("90", 90),
        ("90s", 90),
        ("1h30m", 5400),
        ("2d", 172_800),
        ("1.5h", 5400),
        ("250ms", 0.25),
        (" 1 M ", 60),
    ],
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert durations.seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "-3m", "3 fortnights", "m3"])
def test_what_is_no_duration_is_said_so(text: str) -> None:
    with pytest.raises(UserError, match="no duration"):
        durations.seconds(text)


def test_durations_are_written_without_what_is_zero() -> None:
    assert durations.words(93_784) == "1 d 2 h 3 m 4 s"
    assert durations.words(180.2) == "3 m"
    assert durations.words(0) == "0 s"


def test_an_event_is_json_a_file_or_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "event.json").write_text("[1]")
    monkeypatch.setattr("sys.stdin", io.StringIO('"from stdin"'))

    assert event_of(str(tmp_path / "event.json")) == [1]
    assert event_of("-") == "from stdin"
    assert [event_of(each) for each in ('{"a": 1}', "[]", '"text"', "null", "7", " {} ")] == [
        {"a": 1},
        [],
        "text",
        None,
        7,
        {},
    ]


def test_what_runs_on_the_nearest_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    for name in ("CODEREV_DATA", "CODEREV_EDGE_PORT"):
        monkeypatch.delenv(name, raising=False)
    local.announce(tmp_path / "a" / ".coderev", server="http://127.0.0.1:1", edge_port=4711)
    monkeypatch.chdir(inner)

    found = nearest()

    assert found is not None
    assert found.edge_port == 4711
    assert edge_of(None) == "http://127.0.0.1:4711"
    assert edge_of(9) == "http://127.0.0.1:9"
    monkeypatch.setenv("CODEREV_EDGE_PORT", "10")
    assert edge_of(None) == "http://127.0.0.1:10"


def test_a_refusal_of_the_emulator_is_one_sentence(server: LocalServer, closed_port: str) -> None:
    with pytest.raises(UserError, match="start it with `coderev up`"):
        Edge(closed_port).get("/clock")


def test_the_detail_of_a_problem_is_what_is_said(server: LocalServer) -> None:
    server.answer = lambda asked: Said(404, {"detail": "There is no function x here."})

    with pytest.raises(UserError, match="There is no function x here"):
        Edge(server.url).ask("POST", "/functions/x/invoke", {"event": 1})
    (asked,) = server.asked
    assert asked.json == {"event": 1}


def test_parameters_are_given_by_name_or_as_variables() -> None:
    options = UpOptions(
        Path("t.yaml"),
        Path(),
        parameters={"Mode": "given"},
        variables={"MODE": "file", "TABLE_NAME": "t", "Other": "o", "X": "y"},
    )

    assert parameters(dict.fromkeys(("Mode", "TableName", "Other", "Unset")), options) == {
        "Mode": "given", "TableName": "t", "Other": "o",
    }  # fmt: skip
    with pytest.raises(UserError, match="has no parameter Mode, it has none"):
        parameters({}, options)


def test_tables_are_plain_in_a_pipe_and_harmless_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    paint.rows([("Name", "Value"), ("a", "\x1b[31mred")])

    assert capsys.readouterr().out == "Name  Value\na     \\x1b[31mred\n"


def test_json_lines_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    paint.json_line({"text": "a\nb"})

    assert json.loads(capsys.readouterr().out) == {"text": "a\nb"}
