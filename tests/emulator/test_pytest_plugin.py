"""The pytest plugin: a project that is not ours tests its functions with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emulator.pytest_plugin import durations
from emulator.pytest_plugin.factory import EmulatorFactory
from emulator.pytest_plugin.settling import NotSettled
from emulator.template import TemplateError

pytest_plugins = ["pytester"]
APPS = Path(__file__).parent / "apps"
FOREIGN = APPS / "foreign"
TEMPLATE = FOREIGN / "infra" / "template.yaml"
PLAIN = """
Parameters: { Word: { Type: String, Default: hi } }
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Runtime: python3.11, CodeUri: ., Environment: { Variables: { GREETING: !Ref Word } } } }
Resources:
  Hello: { Type: AWS::Serverless::Function, Properties: { FunctionName: hello, Handler: app.handler } }
  Late: { Type: AWS::Serverless::Function, Properties: { FunctionName: late, Handler: late.handler } }
"""


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    return EmulatorFactory(TEMPLATE, tmp_path_factory.mktemp("emulators"))


def test_a_project_of_somebody_else_tests_its_functions(pytester):
    shutil.copytree(FOREIGN, pytester.path, dirs_exist_ok=True)

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--durations=0", "--durations-min=0", timeout=60)

    result.assert_outcomes(passed=35)
    setups = [float(found[1]) for line in result.outlines if (found := re.match(r"([\d.]+)s setup ", line))]
    assert sorted(setups)[len(setups) // 2] < 0.3, "seconds that the start for a test takes"


def test_a_project_has_its_template_at_its_root_unless_it_says_otherwise(pytester):
    pytester.makepyfile(
        """
        import pytest


        def test_without_one(emulator):
            pass


        @pytest.mark.emulator("other/template.yaml", strict=True)
        def test_with_one(emulator):
            assert emulator.invoke("One") == "one"
            assert emulator.emulator.options.strict


        def test_with_another(emulator_factory, pytestconfig):
            with emulator_factory(pytestconfig.rootpath / "other" / "template.yaml") as emulator:
                assert emulator.invoke("One") == "one"
        """
    )
    folder = pytester.mkdir("other")
    (folder / "one.py").write_text("def handler(event, context):\n    return 'one'\n")
    properties = "{ Handler: one.handler, Runtime: python3.11, CodeUri: . }"
    (folder / "template.yaml").write_text(
        f"Resources: {{ One: {{ Type: AWS::Serverless::Function, Properties: {properties} }} }}\n"
    )

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error", "--strict-markers", timeout=60)

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.re_match_lines([r"the fixture emulator: .*template\.yaml: no such file"])


def test_what_a_test_imports_is_what_the_function_runs_with_its_own_variables(pytester):
    pytester.makepyfile(
        app="""
        import os

        GREETING = os.environ.get("GREETING", "nothing")


        def greet():
            return GREETING


        def handler(event, context):
            return greet()
        """,
        late="""
        from app import GREETING


        def handler(event, context):
            return GREETING
        """,
        test_app="""
        import app
        import pytest


        def test_a_patch(emulator, monkeypatch):
            monkeypatch.setattr(app, "greet", lambda: "patched")
            assert emulator.invoke("hello") == "patched"
            assert emulator.module("hello") is app


        def test_a_patch_of_what_was_not_imported(emulator, monkeypatch):
            monkeypatch.setattr("late.GREETING", "patched")
            assert [emulator.invoke(name) for name in ("late", "hello")] == ["patched", "hi"]


        @pytest.mark.emulator(parameters={"Word": "hej"})
        def test_other_parameters(emulator):
            assert (emulator.invoke("hello"), emulator.invoke("late"), app.greet()) == ("hej", "hej", "hej")


        def test_a_cold_start(emulator):
            app.GREETING = "changed"
            assert emulator.invoke("hello") == "changed"
            emulator.cold_start("hello")
            assert emulator.invoke("hello") == "hi"
        """,
    )
    (pytester.path / "template.yaml").write_text(PLAIN)

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error", timeout=60)

    result.assert_outcomes(passed=4)


def test_the_plugin_costs_nothing_until_it_is_used():
    code = "import sys, emulator.pytest_plugin; print(*sorted(n for n in sys.modules if n.startswith('emulator')))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")

    assert found.stdout.split() == ["emulator", "emulator.pytest_plugin"]


def test_an_emulator_starts_in_less_than_300_ms_and_leaves_nothing_behind(start):
    with start():
        pass
    before, path, took = dict(os.environ), list(sys.path), []
    for _ in range(5):
        began = time.perf_counter()
        with start() as emulator:
            took.append(time.perf_counter() - began)
            assert emulator.invoke("orders", {})["table"] == "orders"

    assert sorted(took)[2] < 0.3
    assert (dict(os.environ), sys.path) == (before, path)


def test_the_addresses_stay_so_that_clients_of_modules_stay_good(start):
    with start() as first:
        addresses = first.url, first.edge_url
        module = first.module("orders")
    with start() as second:
        assert (second.url, second.edge_url) == addresses
        assert second.module("orders") is module


def test_emulators_of_one_template_may_run_side_by_side(start):
    with start() as first, start(parameters={"Currency": "SEK"}) as second, start() as third:
        assert len({first.url, second.url, third.url}) == 3
        made = [each.request("POST", "/orders", body={"id": "1", "count": 1}) for each in (first, second)]

        assert [each.json["currency"] for each in made] == ["EUR", "SEK"]
        assert third.invocations() == []


def test_a_template_that_cannot_be_served_is_refused_with_a_sentence(start):
    with pytest.raises(TemplateError), start("nowhere.yaml"):
        pass


def test_what_does_not_end_is_named(start, tmp_path):
    with start(APPS / "inside" / "template.yaml") as emulator:
        emulator.invoke_async("first", {"do": "sleep", "seconds": 0.6})

        with pytest.raises(NotSettled, match=r"after 0\.1 s an invocation of first is not done"):
            emulator.settle(timeout_s=0.1)
        assert emulator.expect("first")[0].answer == "slept"


def test_what_nobody_takes_becomes_a_dead_letter(start):
    with start(APPS / "inside" / "template.yaml") as emulator:
        emulator.invoke_async("first", {"do": "raise"})
        emulator.advance("3m")

        assert len(emulator.expect("first", 3, where=lambda each: each.error["errorType"] == "ValueError")) == 3
        [letter] = emulator.dead_letters()
        assert (letter["function"], letter["attempts"]) == ("first", 3)
        emulator.forget()
        assert emulator.invocations() == []


def test_an_object_that_is_stored_can_be_read(start):
    with start() as emulator:
        emulator.put_object("uploads", "in/a.png", b"picture")

        assert emulator.expect("resize")[0].answer == "in/a.png"
        client = emulator.emulator.sources.aws.client("s3")
        assert client.get_object(Bucket="uploads", Key="in/a.png")["Body"].read() == b"picture"


@pytest.mark.parametrize(
    ("span", "seconds"), [(5, 5.0), (0.5, 0.5), ("90s", 90.0), ("3m", 180.0), ("1h30m", 5400.0), ("1d 2h", 93600.0)]
)
def test_spans_of_time_are_numbers_or_texts(span, seconds):
    assert durations.seconds(span) == seconds


@pytest.mark.parametrize("span", ["", "3", "3 weeks", "m3"])
def test_other_texts_are_none(span):
    with pytest.raises(ValueError, match="is no span of time"):
        durations.seconds(span)
