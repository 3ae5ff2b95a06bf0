"""`coderev up --template FILE` and the commands that talk to it, as processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.conftest import APPS, eventually, send

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-c", "from cli.main import main; main()"]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CODEREV_", "NO_COLOR"))}
    return kept | {"PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of somebody's own: a template and its code."""
    return Path(shutil.copytree(APPS / "console", tmp_path_factory.mktemp("own") / "app"))


@pytest.fixture(scope="module")
def up(folder: Path) -> Iterator[dict[str, Any]]:
    """Run `coderev up --template`; yield what it wrote for the other commands, and what it printed."""
    (folder / "values.env").write_text("MODE=unused\nTHE_GREETING=from-the-file\nOTHER=1\n")
    arguments = ["up", "--template", "template.yaml", "--strict", "--param", "Mode=given", "--env-file", "values.env"]
    process = subprocess.Popen(
        [*PROGRAM, *arguments], cwd=folder, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        eventually(lambda: (folder / ".coderev" / "up.json").exists() or process.poll() is not None, 30.0)
        assert process.poll() is None, process.communicate()[1]
        yield json.loads((folder / ".coderev" / "up.json").read_text())
    finally:
        process.send_signal(signal.SIGINT)
        printed, complained = process.communicate(timeout=30)
    assert process.returncode == 0, complained
    assert "Traceback" not in complained
    assert "POST       /login  login" in printed
    assert "/_emulator/" in printed


@pytest.fixture
def coderev(folder: Path, up: dict[str, Any]) -> Run:
    """Run a command in the folder: it finds by itself what runs there."""

    def run(*arguments: str, text: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*PROGRAM, *arguments],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            input=text,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert "cli/main.py" not in done.stderr
        return done

    return run


def test_a_function_is_invoked_with_an_event_from_wherever(coderev: Run, folder: Path) -> None:
    (folder / "event.json").write_text('{"from": "a file"}')

    assert json.loads(coderev("invoke", "echo").stdout) == {}
    assert json.loads(coderev("invoke", "echo", "--event", "event.json").stdout) == {"from": "a file"}
    assert json.loads(coderev("invoke", "echo", "-e", "-", text='{"from": "stdin"}').stdout) == {"from": "stdin"}
    assert coderev("invoke", "echo", "-e", '{"from": "here"}').stdout == '{"from": "here"}\n'


def test_the_exit_code_tells_a_failed_function_from_a_wrong_command(coderev: Run) -> None:
    failed = coderev("invoke", "doomed", "--tail", code=1)
    assert json.loads(failed.stdout)["errorType"] == "RuntimeError"
    assert "about to fail" in failed.stderr
    assert failed.stderr.endswith("coderev: doomed failed: RuntimeError: never works.\n")

    assert "Function not found" in coderev("invoke", "nobody", code=2).stderr
    assert "is not JSON" in coderev("invoke", "echo", "-e", "{", code=2).stderr
    assert "cannot be read" in coderev("invoke", "echo", "-e", "none.json", code=2).stderr
    assert "No emulator answers" in coderev("invoke", "echo", "--edge-port", "9", code=2).stderr


def test_an_answer_as_json_says_all_of_it(coderev: Run) -> None:
    told = json.loads(coderev("invoke", "doomed", "--json", code=1).stdout)

    assert (told["status"], told["error"], told["answer"]["errorMessage"]) == (200, "Unhandled", "never works")
    assert "REPORT" in told["log"]


def test_an_asynchronous_invocation_is_listed_once_it_ran(coderev: Run) -> None:
    request_id = coderev("invoke", "echo", "--async").stdout.strip()

    eventually(lambda: request_id in coderev("invocations", "echo").stdout)
    (told,) = [each for each in json.loads(coderev("invocations", "--json").stdout) if each["id"] == request_id]
    assert told["origin"] == "invoke"


def test_an_invocation_is_shown_and_replayed(coderev: Run) -> None:
    coderev("invoke", "echo", "-e", '{"n": 1, "password": "correct-horse"}')
    request_id = json.loads(coderev("invocations", "echo", "--json", "--limit", "1").stdout)[0]["id"]

    shown = coderev("invocations", "--id", request_id).stdout
    assert '"password": "***"' in shown
    assert "REPORT RequestId" in shown
    assert json.loads(coderev("replay", request_id).stdout) == {"n": 1, "password": "***"}
    assert json.loads(coderev("replay", request_id, "-e", '{"n": 2}').stdout) == {"n": 2}
    assert "never works" in coderev("replay", request_id, "--function", "doomed", code=1).stderr
    assert "not known" in coderev("replay", "none", code=2).stderr


def test_logs_are_printed_once_each(coderev: Run) -> None:
    coderev("invoke", "doomed", code=1)

    lines = coderev("logs", "doomed").stdout.splitlines()
    found = [json.loads(line) for line in coderev("logs", "doomed", "--json").stdout.splitlines()]

    assert any(line.endswith("doomed about to fail") for line in lines)
    assert {each["function"] for each in found} == {"doomed"}
    assert coderev("logs", "doomed", "--since", "0s").stdout == ""
    assert "no duration" in coderev("logs", "--since", "soon", code=2).stderr


@pytest.mark.parametrize(("command", "sign"), [("logs", "about to fail"), ("invocations", "RuntimeError")])
def test_what_happens_is_followed(coderev: Run, folder: Path, command: str, sign: str) -> None:
    watching = subprocess.Popen(
        [*PROGRAM, command, "doomed", "-f", "--json"], cwd=folder, env=environment(), text=True, stdout=subprocess.PIPE
    )
    assert watching.stdout is not None
    try:
        time.sleep(0.6)
        request_id = json.loads(coderev("invoke", "doomed", "--json", code=1).stdout)["request_id"]
        line = next(line for line in watching.stdout if sign in line and request_id in line)
    finally:
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=10)

    assert json.loads(line)["function"] == "doomed"
    assert watching.returncode == 130


def test_time_passes_when_told(coderev: Run) -> None:
    before = json.loads(coderev("clock", "--json").stdout)["ahead_s"]

    assert re.fullmatch(r"\S+Z, .*3 m ahead\n", coderev("clock", "advance", "3m").stdout)
    assert json.loads(coderev("clock", "--json").stdout)["ahead_s"] == pytest.approx(before + 180, abs=1)
    assert "no duration" in coderev("clock", "advance", "later", code=2).stderr


def test_faults_are_set_listed_and_cleared(coderev: Run) -> None:
    assert coderev("faults").stdout == "No faults.\n"
    coderev("faults", "set", "echo", "error", "--error", "Custom", "--times", "2")
    coderev("faults", "source", "Echo.Orders", "duplicate", "--batches", "2")

    assert '"Custom"' in coderev("invoke", "echo", code=1).stdout
    listed = coderev("faults").stdout
    assert "echo" in listed
    assert "1 more" in listed
    assert "duplicates 2" in listed
    coderev("faults", "clear")
    assert coderev("faults").stdout == "No faults.\n"
    assert json.loads(coderev("invoke", "echo").stdout) == {}


def test_the_state_of_a_template_of_ones_own_is_told(coderev: Run, up: dict[str, Any]) -> None:
    told = json.loads(coderev("status", "--json").stdout)

    assert told["server"] == up["server"]
    assert told["domains"] == {}
    assert told["emulator"]["ready"]
    assert "Function" in coderev("status").stdout
    coderev("status", "--ready")


def test_parameters_come_from_options_and_from_a_file(up: dict[str, Any]) -> None:
    told = json.loads(send(up["edge_port"], "GET", "/_emulator/functions/login").body)

    assert told["environment"] == {"DATABASE_PASSWORD": "***", "GREETING": "from-the-file", "MODE": "given"}


def test_a_policy_is_printed_as_a_document(coderev: Run) -> None:
    assert json.loads(coderev("policy", "echo").stdout) == {"Version": "2012-10-17", "Statement": []}


def test_an_event_of_a_source_may_be_piped_into_a_function(coderev: Run) -> None:
    event = coderev("events", "generate", "sqs", "--body", "one", "--body", "two").stdout

    records = json.loads(coderev("invoke", "echo", "-e", "-", text=event).stdout)["Records"]

    assert [each["body"] for each in records] == ["one", "two"]


def test_a_second_one_on_the_same_folder_is_refused(coderev: Run) -> None:
    assert "already runs on" in coderev("up", "--template", "template.yaml", code=2).stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--template", "none.yaml"), "There is no template"),
        (("--template", "template.yaml", "--review", "."), "--review needs the platform"),
        (("--template", "template.yaml", "--param", "x"), "NAME=VALUE"),
        (("--template", "template.yaml", "--debug", "echo=port"), "names no port"),
        (("--template", "template.yaml", "--param", "Nope=1", "--data", "other"), "has no parameter Nope"),
        (("--template", "template.yaml", "--env-file", "none"), "There is no file"),
        (("--kafka", "127.0.0.1:9092"), "--kafka is for a template of yours"),
    ],
)
def test_options_that_mean_nothing_here_are_refused(coderev: Run, arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in coderev("up", *arguments, code=2).stderr


def test_a_strict_emulator_takes_no_request_that_nobody_signed(up: dict[str, Any]) -> None:
    reply = send(up["edge_port"], "POST", "/2015-03-31/functions/echo/invocations", {})

    assert reply.status == 403
