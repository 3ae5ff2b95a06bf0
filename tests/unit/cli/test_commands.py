"""The commands from the outside: exit codes, sentences on stderr, and how quickly help comes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import local
from cli.main import app
from tests.unit.cli.conftest import LocalServer, Said

SOURCES = (
    "apigateway-rest", "apigateway-http", "websocket", "kafka", "msk", "s3", "schedule", "eventbridge", "sqs", "sns",
    "authorizer-token", "authorizer-request",
)  # fmt: skip


def coderev(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cli.main import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, input=text, check=False, timeout=60)


def test_help_loads_nothing_that_it_does_not_need() -> None:
    script = "import sys; from cli.main import app\nimport sys; print(sorted({'httpx', 'rich', 'psycopg'} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(
    "command",
    [
        "up", "review", "login", "logout", "open", "status", "migrate", "invoke", "logs", "invocations", "replay", "policy",
        "clock", "clock advance", "faults", "faults set", "faults source", "faults clear", "events generate",
        *(f"events generate {source}" for source in SOURCES),
    ],
)  # fmt: skip
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"])

    assert result.exit_code == 0
    assert f"Example: coderev {command}" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["review", "--fail-on", "dreadful"],
        ["review", "--format", "xml"],
        ["nonsense"],
        ["up", "--once"],
        ["up", "--port", "0"],
        ["migrate"],
        ["login"],
        ["review", "/does/not/exist", "--server", "http://127.0.0.1:9"],
    ],
)
def test_wrong_usage_is_exit_code_2_without_a_trace(arguments: list[str]) -> None:
    result = coderev(*arguments)

    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    assert result.stderr.strip()


def test_logging_in_with_a_wrong_password_is_one_sentence(server: LocalServer) -> None:
    server.answer = lambda asked: Said(
        401, {"code": "bad_credentials", "detail": "e-mail address or password is wrong"}
    )

    result = coderev("login", "--server", server.url, "--email", "ada@example.com", "--password-stdin", text="x\n")

    assert result.returncode == 2
    assert result.stderr == "coderev: The login was refused: e-mail address or password is wrong (bad_credentials).\n"


def test_the_password_is_read_from_stdin_and_sent_as_it_is(server: LocalServer) -> None:
    server.answer = lambda asked: Said(200, {"access_token": "a", "refresh_token": "r", "expires_in_s": 900})

    result = coderev("login", "--server", server.url, "--email", "a@b.c", "--password-stdin", text=" pass word \n")

    assert result.returncode == 0, result.stderr
    assert server.asked[0].json["password"] == " pass word "
    assert "pass word" not in result.stdout + result.stderr


def test_the_first_owner_registers_with_the_setup_token(server: LocalServer) -> None:
    server.answer = lambda asked: Said(201, {"access_token": "a", "refresh_token": "r", "expires_in_s": 900})
    arguments = ("--email", "ada@engines.example", "--setup-token", "tok", "--password-stdin")

    assert coderev("login", "--server", server.url, *arguments, text="secret\n").returncode == 0
    (asked,) = server.asked
    assert asked.path == "/v1/auth/setup"
    assert asked.json == {
        "token": "tok", "email": "ada@engines.example", "password": "secret", "name": "ada",
        "organisation": "engines.example",
    }  # fmt: skip


def test_readiness_is_an_exit_code_and_no_output(server: LocalServer, closed_port: str) -> None:
    result = coderev("status", "--ready", "--edge-port", closed_port.rsplit(":", 1)[1])

    assert (result.returncode, result.stdout, result.stderr) == (1, "", "")


def test_status_names_the_domain_that_cannot_serve(server: LocalServer) -> None:
    def answer(asked: object) -> Said:
        path = getattr(asked, "path", "")
        if path == "/_emulator/status":
            return Said(200, {"ready": True, "ports": {"all": 1}, "routes": 3, "functions": {"f": {"processes": 1}}})
        return Said(503 if "analysis" in path else 200, {"status": "ok"})

    server.answer = answer
    port = server.url.rsplit(":", 1)[1]

    result = coderev("status", "--json", "--edge-port", port, "--server", server.url)

    assert result.returncode == 1
    assert json.loads(result.stdout)["domains"]["analysis"] == "answers 503"
    assert json.loads(result.stdout)["domains"]["auth"] == "ok"
    shown = coderev("status", "--edge-port", port, "--server", server.url)
    assert "analysis" in shown.stdout
    assert "\x1b" not in shown.stdout


def test_status_without_a_platform_says_how_to_start_one(closed_port: str) -> None:
    result = coderev("status", "--edge-port", closed_port.rsplit(":", 1)[1])

    assert result.returncode == 2
    assert "start it with `coderev up`" in result.stderr


def test_a_second_up_on_the_same_data_is_refused(tmp_path: Path) -> None:
    local.announce(tmp_path, server="http://127.0.0.1:1", edge_port=1)

    result = coderev("up", "--data", str(tmp_path))

    assert result.returncode == 2
    assert "already runs on" in result.stderr


def test_a_data_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    result = coderev("up", "--data", str(tmp_path / "file" / "data"))

    assert result.returncode == 2
    assert "cannot be made: Not a directory" in result.stderr


@pytest.mark.parametrize("content", [None, "- list", "Resources: {A: {Type: AWS::SQS::Queue}}"])
def test_a_template_that_cannot_be_served_is_a_sentence(tmp_path: Path, content: str | None) -> None:
    template = tmp_path / "template.yaml"
    if content is not None:
        template.write_text(content)

    result = coderev("up", "--data", str(tmp_path / "data"), "--template", str(template), "--domain", "nothing")

    assert result.returncode == 2
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_has_an_event(source: str) -> None:
    result = CliRunner().invoke(app, ["events", "generate", source])

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)


def test_help_is_quick() -> None:
    best = min(_seconds_of_help() for _ in range(3))

    assert best < 1.0  # the budget is 0.15 s on an idle machine; this only catches a heavy import


def _seconds_of_help() -> float:
    began = time.monotonic()
    assert coderev("--help").returncode == 0
    return time.monotonic() - began
