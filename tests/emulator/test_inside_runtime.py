"""Functions in processes and functions inside this process: what a handler and its caller see is the same."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from emulator.runtime import Fault, Kind, Throttled, UnknownFunction
from tests.emulator.runtimes import serving

TEMPLATE = Path(__file__).parent / "apps" / "inside" / "template.yaml"
ID = "8f5aa1b0-9a7c-4b35-8bb8-f1a2c2c5a001"
TRACE = "Root=1-65a5f3b0-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0"


@pytest.fixture(scope="module", params=["processes", "inside"])
def served(request, tmp_path_factory):
    data = tmp_path_factory.mktemp(request.param)
    with serving(data, TEMPLATE, inside=request.param == "inside") as served:
        yield served


@pytest.fixture
def inside(tmp_path):
    with serving(tmp_path, TEMPLATE, inside=True) as served:
        yield served


@pytest.mark.parametrize("name", ["first", "second"])
def test_functions_with_modules_of_the_same_name_run_their_own_with_their_own_variables(served, name):
    outcome = served.invoke(name, do="look", _request_id=ID, _trace_id=TRACE, _client_context='{"custom": {"a": 1}}')

    assert outcome.result.error is None
    assert outcome.payload == {
        "names": [name] * 6,
        "only": "2" if name == "second" else None,
        "function": [name, name, "app.handler"],
        "arn": f"arn:aws:lambda:us-east-1:000000000000:function:{name}",
        "memory": "128",
        "request_id": ID,
        "client": {"a": 1},
        "left": True,
        "trace": TRACE,
        "region": "us-east-1",
    }


def test_a_function_keeps_its_globals_from_one_event_to_the_next_until_its_code_is_new(served):
    served.fresh("first")

    assert [served.invoke("first", do="count").payload for _ in range(2)] == [1, 2]
    served.fresh("first")
    assert served.invoke("first", do="count").payload == 1


def test_what_a_handler_does_to_its_variables_stays_its_own(served):
    assert served.invoke("second", do="change").payload == ["CHANGED"]
    assert served.invoke("first", do="look").payload["names"][1] == "first"
    assert "CHANGED" not in os.environ
    served.fresh("second")


def test_logs_belong_to_their_invocation(served):
    log = served.invoke("first", do="say", _request_id=ID).log

    assert log[0] == f"START RequestId: {ID} Version: $LATEST"
    assert log[-2] == f"END RequestId: {ID}"
    assert log[-1].startswith(f"REPORT RequestId: {ID}\tDuration: ")
    assert {"printed", "without a newline", "in two lines"} <= set(log[1:-2])
    assert any(re.fullmatch(rf"\[WARNING\]\t[-0-9T:.]+Z\t{ID}\tlogged", line) for line in log)
    assert not any("not logged" in line for line in log)


def test_an_exception_is_an_error_document(served):
    outcome = served.invoke("first", do="raise", _request_id=ID)

    assert outcome.result.error == "Unhandled"
    trace = outcome.payload.pop("stackTrace")
    assert outcome.payload == {"errorMessage": "as asked", "errorType": "ValueError", "requestId": ID}
    assert len(trace) == 2
    assert re.fullmatch(
        r'  File ".*/first/app.py", line \d+, in _raise\n    raise ValueError\("as asked"\)\n', trace[-1]
    )
    assert any(line.startswith("[ERROR] ValueError: as asked") for line in outcome.log)


@pytest.mark.parametrize(
    ("event", "document"),
    [
        (
            {"do": "set"},
            {
                "errorType": "Runtime.MarshalError",
                "errorMessage": "Unable to marshal response: Object of type set is not JSON serializable",
                "requestId": ID,
                "stackTrace": [],
            },
        ),
        (
            {"do": "leave"},
            {
                "errorType": "Runtime.ExitError",
                "errorMessage": f"RequestId: {ID} Error: Runtime exited with error: exit status 3",
            },
        ),
        (
            {"do": "large", "bytes": 6_291_555},
            {
                "errorType": "Function.ResponseSizeTooLarge",
                "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
            },
        ),
        (
            {"do": "sleep", "seconds": 1.5},
            {
                "errorType": "Sandbox.Timedout",
                "errorMessage": f"RequestId: {ID} Error: Task timed out after 1.00 seconds",
            },
        ),
    ],
)
def test_bad_ends_have_lambdas_words(served, event, document):
    outcome = served.invoke("first", _request_id=ID, **event)

    assert (outcome.result.error, outcome.payload) == ("Unhandled", document)


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("missing", "Runtime.ImportModuleError", "Unable to import module 'nowhere': No module named 'nowhere'"),
        ("broken", "RuntimeError", "not today"),
        ("leaving", "Runtime.ExitError", f"RequestId: {ID} Error: Runtime exited with error: exit status 3"),
    ],
)
def test_a_handler_that_cannot_be_loaded_fails_each_event(served, name, kind, message):
    for _ in range(2):
        outcome = served.invoke(name, _request_id=ID)

        assert outcome.result.error == "Unhandled"
        assert (outcome.payload["errorType"], outcome.payload["errorMessage"]) == (kind, message)


def test_reserved_concurrency_is_throttled_beyond(served):
    running = served.begin("second", do="sleep", seconds=0.4)

    with pytest.raises(Throttled):
        served.invoke("second", do="look")
    assert running.result(10).payload == "slept"


def test_functions_that_are_not_there_are_unknown(served):
    with pytest.raises(UnknownFunction):
        served.invoke("nobody")


def test_faults_keep_events_from_the_handler(served):
    served.runtime.faults.set("first", Fault(Kind.FAIL, times=1))

    assert served.invoke("first", do="look").payload["errorType"] == "InjectedFault"
    assert served.invoke("first", do="look").result.error is None


def test_the_first_event_alone_is_a_cold_start(served):
    served.fresh("first")

    assert [served.invoke("first", do="count").result.init_ms > 0 for _ in range(2)] == [True, False]


def test_nothing_is_left_in_this_process(tmp_path):
    before = dict(os.environ), list(sys.path), sys.stdout, sys.stderr
    with serving(tmp_path, TEMPLATE, inside=True) as served:
        assert os.environ["AWS_REGION"] == "us-east-1"
        assert "ONLY" in os.environ
        assert os.environ.get("NAME") is None, "the functions have different ones"
        served.invoke("first", do="change")

    assert (dict(os.environ), list(sys.path), sys.stdout, sys.stderr) == before
    assert "app" not in sys.modules
    assert "naming" not in sys.modules


def test_modules_that_only_one_place_offers_are_those_of_the_test(inside, monkeypatch):
    assert inside.invoke("third").payload == "it was found"
    monkeypatch.setattr("finding.found", lambda: "it was patched")

    assert inside.invoke("third").payload == "it was patched"


def test_a_thread_that_is_left_to_itself_is_named(tmp_path, caplog):
    with serving(tmp_path, TEMPLATE, inside=True) as served:
        assert served.invoke("first", do="sleep", seconds=1.2).payload["errorType"] == "Sandbox.Timedout"
        assert served.invoke("first", do="count").result.error is None

    assert "handlers still run in threads that cannot be ended: first" in caplog.text
