"""What a function's process finds around it, and what it may say to the Runtime API."""

from __future__ import annotations

import json
import shutil
import sysconfig

import pytest

from emulator.runtime import Result
from emulator.runtime.environment import LOCAL_RUNTIME
from tests.emulator.runtimes import HOSTILE, serving

LAMBDAS = {
    "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS",
    "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "LANG", "LD_LIBRARY_PATH", "PATH", "PWD", "TZ",
    "_AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_PORT", "_HANDLER", "_X_AMZN_TRACE_ID",
}  # fmt: skip
"""As recorded in test_lambda_common.snapshot.json (test_introspection_invoke)."""
OURS = {"TMPDIR"}
"""The private folder for files, and what Python itself sets where the locale is missing."""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("environment")
    app = shutil.copytree(HOSTILE, folder / "app")
    for layer in ("first", "second"):
        packages = app / "layers" / layer / "python" / "lib" / LOCAL_RUNTIME / "site-packages"
        packages.mkdir(parents=True)
        (packages / "packaged.py").write_text(f"FROM = '{layer} packages'\n")
        (app / "layers" / layer / "python" / "packaged.py").write_text(f"FROM = '{layer}'\n")
    with serving(folder / "data", app / "template.yaml") as served:
        yield served


def test_the_environment_is_lambdas_and_nothing_else(served):
    seen = served.invoke("hostile", do="environ", _trace_id="Root=1-5759e988-bd862e3fe1be46a994272793").payload[
        "environ"
    ]

    assert set(seen) - OURS == LAMBDAS
    root = str(served.runtime.function("hostile").task_root)
    assert seen["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
    assert seen["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/hostile"
    assert "/[$LATEST]" in seen["AWS_LAMBDA_LOG_STREAM_NAME"]
    assert (seen["TZ"], seen["LANG"], seen["PWD"]) == (":UTC", "en_US.UTF-8", root)
    assert seen["_X_AMZN_TRACE_ID"] == "Root=1-5759e988-bd862e3fe1be46a994272793"
    assert seen["LD_LIBRARY_PATH"] == f"{root}:{root}/lib"
    assert seen["PATH"].startswith(sysconfig.get_path("scripts"))


def test_the_trace_id_is_that_of_each_event(served):
    first = served.invoke("hostile", do="environ", _trace_id="Root=1-a").payload["environ"]["_X_AMZN_TRACE_ID"]
    second = served.invoke("hostile", do="environ").payload["environ"]["_X_AMZN_TRACE_ID"]

    assert first == "Root=1-a"
    assert second.startswith("Root=1-")
    assert second.endswith("Sampled=0")


def test_a_later_layer_hides_an_earlier_one_and_packages_come_first(served):
    assert served.invoke("layered").payload == {"of_layer": "second", "packaged": "second packages"}


def test_layers_are_on_the_paths_as_under_opt_and_the_wrapper_starts_the_runtime(served):
    seen = served.invoke("layered-environ", do="environ").payload
    first, second = (str(layer) for layer in served.runtime.function("layered-environ").layers)

    environ, root = seen["environ"], str(served.runtime.function("layered-environ").task_root)
    assert environ["WRAPPED"] == "yes"
    assert environ["PATH"].split(":")[-2:] == [f"{second}/bin", f"{first}/bin"]
    assert environ["LD_LIBRARY_PATH"] == f"{root}:{root}/lib:{second}/lib"
    packages = f"python/lib/{LOCAL_RUNTIME}/site-packages"
    expected = [f"{second}/{packages}", f"{first}/{packages}", f"{second}/python", f"{first}/python"]
    assert environ["PYTHONPATH"].split(":") == expected
    assert seen["path"][:5] == [root, *expected]
    assert (environ["TZ"], environ["LANG"]) == ("Europe/Berlin", "C.UTF-8")


def test_a_template_with_its_own_python_path_keeps_the_layers(served, tmp_path):
    app = shutil.copytree(HOSTILE, tmp_path / "app")
    template = (app / "template.yaml").read_text()
    (app / "template.yaml").write_text(template.replace("TZ: Europe/Berlin", "PYTHONPATH: /elsewhere"))

    with serving(tmp_path / "data", app / "template.yaml") as other:
        seen = other.invoke("layered-environ", do="environ").payload

    assert seen["environ"]["PYTHONPATH"] == "/elsewhere"
    assert seen["path"][:3] == [str(app), str(app / "layers/second/python"), str(app / "layers/first/python")]


def test_the_context_has_what_the_caller_sent(served):
    seen = served.invoke(
        "arn:aws:lambda:us-east-1:000000000000:function:hostile:$LATEST",
        do="environ",
        _client_context=json.dumps({"custom": {"a": "é"}}),
        _cognito_identity=json.dumps({"cognitoIdentityId": "us-east-1:1", "cognitoIdentityPoolId": "pool"}),
        _tenant_id="blue",
    ).payload

    assert seen["arn"] == "arn:aws:lambda:us-east-1:000000000000:function:hostile:$LATEST"
    assert (seen["client"], seen["identity"], seen["tenant"]) == ({"a": "é"}, "us-east-1:1", "blue")
    assert 1000 < seen["left_ms"] <= 2000
    assert served.invoke("hostile", do="environ").payload["arn"].endswith(":function:hostile")


@pytest.mark.parametrize(
    ("asked", "status", "kind"),
    [
        ({"path": "invocation/not-mine/response"}, 400, "InvalidRequestID"),
        ({"path": "invocation/not-mine/error"}, 400, "InvalidRequestID"),
        ({"path": "invocation//response"}, 400, "InvalidRequestID"),
        ({"path": "invocation/next", "method": "GET"}, 403, "InvalidStateTransition"),
        ({"path": "init/error"}, 403, "InvalidStateTransition"),
        ({"path": "invocation/next"}, 404, "InvalidRequest"),
        ({"path": "elsewhere", "method": "GET"}, 404, "InvalidRequest"),
        ({"path": "init/error", "headers": {"Origin": "http://evil.example"}}, 403, "ForeignRequest"),
    ],
)
def test_the_runtime_api_refuses_what_is_out_of_turn(served, asked, status, kind):
    answer = served.invoke("hostile", do="post", **asked).payload

    assert (answer["status"], json.loads(answer["body"])["errorType"]) == (status, kind)


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ({"path": "restore/next", "method": "GET"}, 200, ""),
        ({"path": "restore/error"}, 202, '{"status":"OK"}\n'),
    ],
)
def test_the_runtime_api_knows_the_calls_of_a_restored_runtime(served, asked, status, body):
    assert served.invoke("hostile", do="post", **asked).payload == {"status": status, "body": body}


def test_an_event_is_answered_once(served):
    outcome = served.invoke("hostile", do="answer_for_itself")

    assert outcome.result.error is None
    assert outcome.payload == {"forged": True}
    assert served.invoke("hostile", do="count").payload["pid"]


def test_log_lines_outside_of_events_have_no_request_id(tmp_path):
    told: list[tuple[str, str]] = []
    with serving(tmp_path, on_log=lambda record: told.append((record.request_id, record.text))) as served:
        outcome: Result = served.invoke("import-raise", _request_id="1-2").result

    assert ("", "about to raise") in told
    assert ("1-2", "START RequestId: 1-2 Version: $LATEST") in told
    assert b"about to raise" in outcome.log
