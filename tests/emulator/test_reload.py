"""A changed file is served without a restart, a broken one is told once, and what runs ends as it began."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.server import Emulator
from emulator.testing import running
from tests.emulator.conftest import boto_client, eventually, options
from tests.emulator.test_runtime import invoke

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Runtime: python3.11, Timeout: 5 } }
Resources:
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: { ContentUri: layer }
  One: { Type: AWS::Serverless::Function, Properties: { FunctionName: one, Handler: code.handler, CodeUri: one, Layers: [!Ref Shared] } }
  Two: { Type: AWS::Serverless::Function, Properties: { FunctionName: two, Handler: code.handler, CodeUri: two } }
"""
CODE = """
import os, time
from pathlib import Path
def handler(event, context):
    time.sleep(event.get("seconds", 0))
    return {"says": "first", "pid": os.getpid(), "limit": context.memory_limit_in_mb}
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "code.py").write_text(CODE)
    (tmp_path / "layer" / "python").mkdir(parents=True)
    (tmp_path / "layer" / "python" / "shared.py").write_text("")
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    return tmp_path


@pytest.fixture
def served(app: Path, request: pytest.FixtureRequest) -> Iterator[Emulator]:
    given = getattr(request, "param", {})
    with running(options(app / ".coderev", template=app / "template.yaml", reload=True, **given)) as emulator:
        yield emulator


@pytest.fixture
def ask(served: Emulator):
    client = boto_client(served.ports["edge"])
    return lambda name, **event: invoke(client, name, event)[1]


def rewrite(file: Path, old: str, new: str) -> None:
    """Change a file as an editor does: write another one and rename it."""
    other = file.with_name(f".{file.name}.new")
    other.write_text(file.read_text().replace(old, new))
    other.replace(file)


def test_a_changed_file_is_answered_within_a_second_and_only_its_function_starts_anew(app, ask):
    ask("one")
    neighbour = ask("two")["pid"]
    rewrite(app / "one" / "code.py", "first", "second")
    begun = time.monotonic()
    eventually(lambda: ask("one")["says"] == "second", 3)

    assert time.monotonic() - begun < 1
    assert ask("two")["pid"] == neighbour


def test_what_runs_ends_in_the_process_where_it_began(app, served, ask):
    from concurrent.futures import ThreadPoolExecutor

    old = ask("one")["pid"]
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(ask, "one", seconds=1)
        time.sleep(0.2)
        rewrite(app / "one" / "code.py", "first", "second")
        eventually(lambda: ask("one")["says"] == "second", 3)
        assert not slow.done()
        assert slow.result() == {"says": "first", "pid": old, "limit": "128"}


def test_a_changed_layer_and_a_new_folder_count_too(app, ask):
    first = ask("one")["pid"]
    (app / "layer" / "python" / "shared.py").write_text("x = 1")
    eventually(lambda: ask("one")["pid"] != first, 3)

    second = ask("one")["pid"]
    (app / "one" / "inner").mkdir()
    (app / "one" / "inner" / "more.py").write_text("x = 1")
    eventually(lambda: ask("one")["pid"] != second, 3)
    time.sleep(0.3)
    third = ask("one")["pid"]
    (app / "one" / "inner" / "more.py").write_text("x = 2")
    eventually(lambda: ask("one")["pid"] != third, 3)


def test_caches_environments_and_data_are_no_code(app, ask):
    first = ask("one")["pid"]
    for name in (".venv", "__pycache__", ".git", "node_modules"):
        (app / "one" / name).mkdir(exist_ok=True)
        (app / "one" / name / "file.py").write_text("x = 1")
    (app / "one" / "code.py~").write_text("")
    (app / "one" / ".code.py.swp").write_text("")
    (app / ".coderev" / "file.py").write_text("")
    time.sleep(0.4)

    assert ask("one")["pid"] == first


def test_a_syntax_error_is_told_once_and_the_last_good_version_answers(app, ask, caplog):
    caplog.set_level(logging.ERROR)
    first = ask("one")["pid"]
    rewrite(app / "one" / "code.py", "def handler(event, context):", "def handler(event, context:")
    eventually(lambda: any("syntax error" in record.message for record in caplog.records), 3)
    (app / "one" / "other.py").write_text("x = 1")
    time.sleep(0.3)

    assert ask("one")["pid"] == first
    told = [record.getMessage() for record in caplog.records if "syntax error" in record.getMessage()]
    assert len(told) == 1
    assert "the last good version answers" in told[0]
    assert f"{app / 'one' / 'code.py'}:4: " in told[0]
    rewrite(app / "one" / "code.py", "def handler(event, context:", "def handler(event, context):")
    eventually(lambda: ask("one")["pid"] != first, 3)


@pytest.mark.parametrize("served", [{"reload_errors": "answer"}], indirect=True)
def test_a_syntax_error_is_answered_if_that_is_asked_for(app, ask):
    ask("one")
    rewrite(app / "one" / "code.py", "def handler(event, context):", "def handler(event, context:")

    eventually(lambda: ask("one").get("errorType") == "Runtime.UserCodeSyntaxError", 3)


def test_a_changed_template_changes_functions_and_names_what_needs_a_restart(app, served, ask, caplog):
    caplog.set_level(logging.WARNING)
    assert ask("two")["limit"] == "128"
    shutil.copytree(app / "two", app / "three")
    three = "  Three: { Type: AWS::Serverless::Function, Properties: { FunctionName: three, Handler: code.handler, CodeUri: three } }\n"
    schedule = "Events: { Tick: { Type: Schedule, Properties: { Schedule: rate(1 hour) } } }"
    changed = TEMPLATE.replace("CodeUri: two }", f"CodeUri: two, MemorySize: 256, {schedule} }}") + three
    (app / "template.yaml").write_text(changed)

    eventually(lambda: "three" in served.runtime.functions, 3)
    assert ask("two")["limit"] == "256"
    assert ask("three")["says"] == "first"
    assert "schedules of the template changed: restart to serve that" in [each.getMessage() for each in caplog.records]
    rewrite(app / "three" / "code.py", "first", "second")
    eventually(lambda: ask("three")["says"] == "second", 3)


def test_a_template_that_cannot_be_served_leaves_the_old_one(app, served, ask, caplog):
    caplog.set_level(logging.ERROR)
    first = ask("one")["pid"]
    (app / "template.yaml").write_text("Resources: [")

    eventually(lambda: any("the template stays as it was" in each.getMessage() for each in caplog.records), 3)
    assert ask("one")["pid"] == first
