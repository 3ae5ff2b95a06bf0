"""Function processes: environment, reuse, errors, limits, concurrency, and that none is left behind."""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from emulator.testing import running
from tests.emulator.conftest import boto_client, eventually, options, send
from tests.emulator.runtimes import HOSTILE


def invoke(client, name, event, **given):
    reply = client.invoke(FunctionName=name, Payload=json.dumps(event), **given)
    return reply, json.loads(reply["Payload"].read())


def test_a_process_sees_lambdas_environment_and_nothing_of_ours(lambda_client, emulator, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_PARENT", "1")
    _, seen = invoke(lambda_client, "behave", {"do": "environ"})
    environ = seen["environ"]

    app = str(emulator.template.functions["behave"].task_root)
    assert environ["AWS_LAMBDA_FUNCTION_NAME"] == "behave"
    assert environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert environ["AWS_EXECUTION_ENV"] == f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}"
    assert environ["AWS_REGION"] == environ["AWS_DEFAULT_REGION"] == "us-east-1"
    assert environ["AWS_ENDPOINT_URL_LAMBDA"] == f"http://127.0.0.1:{emulator.ports['edge']}"
    assert (environ["_HANDLER"], environ["LAMBDA_TASK_ROOT"], environ["TZ"]) == ("handlers.behave", app, ":UTC")
    assert environ["_X_AMZN_TRACE_ID"].startswith("Root=1-")
    assert environ["GREETING"]
    assert seen["cwd"] == seen["path"][0] == app
    assert seen["tool"] == "from the layer"
    assert seen["tmp"].startswith(str(emulator.options.data))
    assert not {"SECRET_OF_THE_PARENT", "HOME", "PYTEST_CURRENT_TEST"} & environ.keys()
    assert str(Path(__file__).parents[2] / "emulator") not in seen["path"]
    assert 0 < seen["left_ms"] <= 1000


def test_a_process_is_reused_after_an_error_and_replaced_after_a_timeout_or_exit(lambda_client):
    _, first = invoke(lambda_client, "behave", {"do": "count"})
    reply, error = invoke(lambda_client, "behave", {"do": "raise"})
    _, second = invoke(lambda_client, "behave", {"do": "count"})

    assert reply["FunctionError"] == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "as asked")
    assert error["stackTrace"]
    assert (second["pid"], second["calls"]) == (first["pid"], first["calls"] + 2)

    reply, error = invoke(lambda_client, "behave", {"do": "sleep", "seconds": 30})
    request_id = reply["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    assert error == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 1.00 seconds",
    }
    assert invoke(lambda_client, "behave", {"do": "count"})[1]["calls"] == 1


@pytest.mark.parametrize(
    ("status", "reason"),
    [(0, "Runtime exited without providing a reason"), (7, "Runtime exited with error: exit status 7")],
)
def test_a_process_that_ends_is_an_exit_error(lambda_client, status, reason):
    reply, error = invoke(lambda_client, "behave", {"do": "exit", "status": status})

    request_id = reply["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    assert error == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request_id} Error: {reason}"}
    assert reply["FunctionError"] == "Unhandled"


def test_a_handler_that_cannot_be_loaded_says_why(lambda_client):
    reply, error = invoke(lambda_client, "missing", {})
    assert reply["FunctionError"] == "Unhandled"
    assert (error["errorType"], error["requestId"]) == ("Runtime.ImportModuleError", "")
    assert "nowhere" in error["errorMessage"]

    _, error = invoke(lambda_client, "dying", {})
    assert error["errorType"] == "Runtime.ExitError"


def test_an_answer_over_six_megabytes_is_an_error(lambda_client):
    _, error = invoke(lambda_client, "behave", {"do": "large", "bytes": 7_000_000})

    assert error["errorType"] == "Function.ResponseSizeTooLarge"


def test_reserved_concurrency_bounds_and_throttles(lambda_client, emulator):
    def attempt(_):
        try:
            return invoke(boto_client(emulator.ports["edge"]), "pair", {"seconds": 1})[1]["pid"]
        except lambda_client.exceptions.TooManyRequestsException as throttled:
            return throttled.response["Reason"]

    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(attempt, range(6)))

    throttled = [each for each in outcomes if isinstance(each, str)]
    assert throttled == ["ReservedFunctionConcurrentInvocationLimitExceeded"] * 4
    assert len({each for each in outcomes if isinstance(each, int)}) == 2


def test_unreserved_functions_queue_beyond_their_processes(lambda_client, emulator):
    with ThreadPoolExecutor(12) as threads:
        clients = [boto_client(emulator.ports["edge"]) for _ in range(12)]
        begun = time.monotonic()
        pids = {each[1]["pid"] for each in threads.map(lambda client: invoke(client, "nap", {"seconds": 0.3}), clients)}

    assert 2 <= len(pids) <= 8
    assert time.monotonic() - begun < 5


def test_a_function_that_calls_itself_beyond_its_processes_ends_in_a_timeout(tmp_path):
    given = options(tmp_path, template=HOSTILE / "template.yaml", max_processes_per_function=1)
    with running(given) as emulator:
        begun = time.monotonic()
        reply, error = invoke(boto_client(emulator.ports["edge"]), "brief", {"do": "call"})

    assert (reply["FunctionError"], error["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert time.monotonic() - begun < 5


def test_a_function_calls_another_one_by_boto3(lambda_client):
    _, answer = invoke(lambda_client, "caller", {"name": "echo", "event": {"said": "hello"}})

    assert answer == {"said": "hello"}


def test_logs_belong_to_their_invocation(lambda_client, emulator):
    import base64

    reply, answer = invoke(lambda_client, "behave", {"do": "print"}, LogType="Tail")
    lines = base64.b64decode(reply["LogResult"]).decode().splitlines()

    assert lines[0] == f"START RequestId: {answer['id']} Version: $LATEST"
    assert "printed line" in lines
    assert any(line.startswith("[WARNING]") and line.endswith("logged line") for line in lines)
    assert "unfinished" in lines
    assert lines[-2] == f"END RequestId: {answer['id']}"
    assert lines[-1].startswith(f"REPORT RequestId: {answer['id']}\tDuration: ")
    file = emulator.options.data / "logs" / "behave.log"
    eventually(lambda: answer["id"] in file.read_text())


def test_idle_processes_are_ended(tmp_path):
    with running(options(tmp_path, idle_s=0.2)) as emulator:
        assert send(emulator.ports["all"], "GET", "/hello").status == 200
        eventually(lambda: emulator.runtime.status()["hello"]["processes"] == 0, 5)
        assert send(emulator.ports["all"], "GET", "/hello").status == 200


def test_nothing_is_left_after_a_stop(tmp_path):
    with running(options(tmp_path)) as emulator:
        pids = send(emulator.ports["all"], "POST", "/behave", {"do": "child"}).json
        assert psutil.pid_exists(pids["pid"])

    eventually(lambda: not any(_alive(pid) for pid in pids.values()), 5)
    assert list((tmp_path / "emulator" / "run").iterdir()) == []
    assert list((tmp_path / "emulator" / "tmp").iterdir()) == []


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_survivors_pid_is_not_killed_when_it_is_somebody_elses(tmp_path):
    from emulator.runtime.survivors import Registry

    folder = tmp_path / "run"
    folder.mkdir()
    record = {"pid": os.getpgid(0), "stream": "not ours", "started": 0.0}
    (folder / "1").write_text(json.dumps(record))

    assert Registry(folder).clean() == 0
    assert list(folder.iterdir()) == []


def test_the_runtime_api_answers_processes_and_not_web_pages(lambda_client):
    _, seen = invoke(lambda_client, "behave", {"do": "environ"})
    port = int(seen["environ"]["AWS_LAMBDA_RUNTIME_API"].split(":")[1])
    path = "/2018-06-01/runtime/invocation/some-id/response"

    assert send(port, "POST", path, "{}").status == 400
    assert send(port, "GET", "/2018-06-01/runtime/invocation/next", headers={"Host": "evil.example"}).status == 403
    assert send(port, "GET", "/2018-06-01/runtime/invocation/next", headers={"Sec-Fetch-Mode": "no-cors"}).status == 403
    assert send(port, "GET", "/elsewhere").status == 404
