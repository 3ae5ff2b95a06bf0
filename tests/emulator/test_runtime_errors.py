"""How invocations end that do not end well: in the words that Lambda has for it.

The words are those of the recordings in `tests/aws/services/lambda_/test_lambda.snapshot.json` of localstack.
"""

from __future__ import annotations

import json
import re
import signal

import pytest

from tests.emulator.runtimes import serving

REPORT = re.compile(
    r"REPORT RequestId: (?P<id>[-0-9a-f]{36})\tDuration: (?P<duration>\d+\.\d\d) ms\tBilled Duration: (?P<billed>\d+) ms\t"
    r"Memory Size: (?P<size>\d+) MB\tMax Memory Used: (?P<used>\d+) MB(\tInit Duration: (?P<init>\d+\.\d\d) ms)?\t(?P<status>.*)"
)
ID = "8f5aa1b0-9a7c-4b35-8bb8-f1a2c2c5a001"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("errors")) as served:
        yield served


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"do": "exit", "status": 0}, "Runtime exited without providing a reason"),
        ({"do": "os_exit", "status": 0}, "Runtime exited without providing a reason"),
        ({"do": "exit", "status": 1}, "Runtime exited with error: exit status 1"),
        ({"do": "os_exit", "status": 77}, "Runtime exited with error: exit status 77"),
        ({"do": "abort"}, "Runtime exited with error: signal: aborted"),
        ({"do": "segfault"}, "Runtime exited with error: signal: segmentation fault"),
        ({"do": "die", "signal": signal.SIGKILL}, "Runtime exited with error: signal: killed"),
        ({"do": "die", "signal": signal.SIGTERM}, "Runtime exited with error: signal: terminated"),
    ],
)
def test_a_process_that_ends_says_how(served, event, reason):
    outcome = served.invoke("hostile", _request_id=ID, **event)

    message = f"RequestId: {ID} Error: {reason}"
    assert outcome.payload == {"errorType": "Runtime.ExitError", "errorMessage": message}
    assert outcome.result.error == "Unhandled"
    assert outcome.log[-4:-1] == [message, "Runtime.ExitError", f"END RequestId: {ID}"]
    assert REPORT.fullmatch(outcome.log[-1])["status"] == "Status: error\tError Type: Runtime.ExitError"


@pytest.mark.parametrize(
    ("function", "kind", "message"),
    [
        ("no-module", "Runtime.ImportModuleError", "Unable to import module 'nowhere': No module named 'nowhere'"),
        ("no-handler", "Runtime.HandlerNotFound", "Handler 'nowhere' missing on module 'handlers'"),
        ("malformed", "Runtime.MalformedHandlerName", "Bad handler 'handler': not enough values to unpack (expected 2, got 1)"),
        ("built-in", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"),
        ("import-raise", "RuntimeError", "not today"),
    ],
)  # fmt: skip
def test_a_handler_that_cannot_be_loaded_has_an_error_without_a_request_id(served, function, kind, message):
    outcome = served.invoke(function, _request_id=ID)

    assert outcome.result.error == "Unhandled"
    assert (outcome.payload["errorType"], outcome.payload["errorMessage"]) == (kind, message)
    assert outcome.payload["requestId"] == ""
    assert isinstance(outcome.payload["stackTrace"], list)
    assert any(line.startswith(f"[ERROR] {kind}: {message}") for line in outcome.log)
    assert outcome.log[-2] == f"END RequestId: {ID}"
    assert REPORT.fullmatch(outcome.log[-1])["status"] == f"Status: error\tError Type: {kind}"


def test_code_that_python_cannot_read_is_a_syntax_error_with_its_line(tmp_path):
    (tmp_path / "broken.py").write_text("x = 1\ndef handler(event, context) -> None:\n    return (\n")
    template = tmp_path / "template.yaml"
    properties = {"Handler": "broken.handler", "Runtime": "python3.11", "CodeUri": "."}
    template.write_text(
        json.dumps({"Resources": {"B": {"Type": "AWS::Serverless::Function", "Properties": properties}}})
    )

    with serving(tmp_path / "data", template) as served:
        payload = served.invoke("B").payload

    assert payload["errorType"] == "Runtime.UserCodeSyntaxError"
    assert payload["errorMessage"].startswith(
        "Syntax error in module 'broken': '(' was never closed (broken.py, line 3)"
    )
    assert 'broken.py" Line 3' in payload["stackTrace"][0]


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("import-exit", "Runtime exited without providing a reason"),
        ("import-exit-three", "Runtime exited with error: exit status 3"),
        ("import-abort", "Runtime exited with error: signal: aborted"),
        ("no-wrapper", "Runtime exited with error: exit status 127"),
        ("plain-wrapper", "Runtime exited with error: exit status 126"),
    ],
)
def test_a_process_that_ends_before_its_first_event_fails_that_event(served, function, reason):
    outcome = served.invoke(function, _request_id=ID)

    assert outcome.payload == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {ID} Error: {reason}"}
    assert outcome.log[-2] == f"END RequestId: {ID}"


def test_a_timeout_is_lambdas_and_ends_the_process(served):
    outcome = served.invoke("brief", do="spin", _request_id=ID)

    message = f"RequestId: {ID} Error: Task timed out after 1.00 seconds"
    assert outcome.payload == {"errorType": "Sandbox.Timedout", "errorMessage": message}
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.fullmatch(rf"{stamp} {ID} Task timed out after 1\.00 seconds", outcome.log[-3])
    report = REPORT.fullmatch(outcome.log[-1])
    assert (report["duration"], report["status"]) == ("1000.00", "Status: timeout")


def test_after_a_timeout_globals_are_new_and_the_temporary_files_are_not(served):
    """As recorded in test_lambda_invoke_timed_out_environment_reuse."""
    served.fresh("brief")
    late = served.invoke("brief", do="note", content="kept", seconds=5)
    after = served.invoke("brief", do="note")

    assert late.payload["errorType"] == "Sandbox.Timedout"
    assert (after.payload["number"], after.payload["content"]) == (0, "kept")


def test_new_code_starts_with_an_empty_temporary_folder(served):
    served.invoke("hostile", do="note", content="old", seconds=0)
    served.fresh("hostile")

    assert served.invoke("hostile", do="note").payload["content"] is None


def test_the_process_and_its_globals_are_kept_after_an_error_of_the_handler(served):
    served.fresh("hostile")
    first = served.invoke("hostile", do="count").payload
    failed = served.invoke("hostile", do="raise", _request_id=ID)
    second = served.invoke("hostile", do="count").payload

    assert second == {"number": first["number"] + 1, "pid": first["pid"]}
    assert {key: failed.payload[key] for key in ("errorMessage", "errorType", "requestId")} == {
        "errorMessage": "as asked",
        "errorType": "ValueError",
        "requestId": ID,
    }
    assert failed.payload["stackTrace"][-1].endswith('raise ValueError("as asked")\n')


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("unserialisable", "Unable to marshal response: Object of type set is not JSON serializable"),
        ("circular", "Unable to marshal response: Circular reference detected"),
    ],
)
def test_what_is_not_json_is_a_marshal_error(served, do, said):
    outcome = served.invoke("hostile", do=do, _request_id=ID)

    assert outcome.payload == {
        "errorMessage": said, "errorType": "Runtime.MarshalError", "requestId": ID, "stackTrace": []
    }  # fmt: skip


@pytest.mark.parametrize(("size", "fits"), [(6_291_554, True), (6_291_555, False), (50_000_000, False)])
def test_an_answer_of_more_than_six_megabytes_is_refused(served, size, fits):
    outcome = served.invoke("patient", do="large", bytes=size)

    if fits:
        assert len(outcome.result.payload) == size + 2 == 6_291_556
        return
    assert outcome.payload == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }


def test_the_report_has_what_was_used_and_the_cold_start_once(served):
    served.fresh("hostile")
    first = served.invoke("hostile", do="count")
    second = served.invoke("hostile", do="allocate", mb=64)

    cold, warm = REPORT.fullmatch(first.log[-1]), REPORT.fullmatch(second.log[-1])
    assert float(cold["init"]) > 0
    assert int(cold["billed"]) >= float(cold["duration"]) + float(cold["init"])
    assert warm["init"] is None
    assert (warm["size"], warm["status"]) == ("128", "")
    assert 8 < int(cold["used"]) < 64 <= int(warm["used"]) == second.result.memory_mb <= 128
