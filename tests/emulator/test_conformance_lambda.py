"""What AWS was recorded to do, over boto3: versions, destinations of an alias, and payloads that are no JSON."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.server import Emulator
from emulator.testing import running
from tests.emulator.conftest import boto_client, eventually, options
from tests.emulator.runtimes import serving

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Runtime: python3.11, Timeout: 5, CodeUri: . } }
Resources:
  Told: { Type: AWS::Serverless::Function, Properties: { FunctionName: told, Handler: code.keep, Environment: { Variables: { KEPT: !Ref Kept } } } }
  Live:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: live
      Handler: code.context
      AutoPublishAlias: prod
      ReservedConcurrentExecutions: 1
      EventInvokeConfig: { MaximumRetryAttempts: 0, DestinationConfig: { OnSuccess: { Type: Lambda, Destination: !GetAtt Told.Arn } } }
Parameters: { Kept: { Type: String } }
"""
CODE = """
import json, os
def context(event, context):
    print("said")
    return {"arn": context.invoked_function_arn, "version": context.function_version, "stream": context.log_stream_name}
def keep(event, context):
    with open(os.environ["KEPT"], "a") as file:
        file.write(json.dumps(event) + "\\n")
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    app = tmp_path_factory.mktemp("conformance")
    (app / "template.yaml").write_text(TEMPLATE)
    (app / "code.py").write_text(CODE)
    given = options(app / "data", template=app / "template.yaml", parameters={"Kept": str(app / "kept")})
    with running(given) as emulator:
        yield emulator


@pytest.fixture
def client(served: Emulator) -> Any:
    return boto_client(served.ports["edge"])


@pytest.mark.parametrize("qualifier", ["prod", "1"])
def test_a_version_knows_that_it_is_one(client, served, qualifier):
    """localstack's test_lambda.snapshot.json: test_invocation_with_qualifier, test_lambda_alias_moving."""
    reply = client.invoke(FunctionName="live", Qualifier=qualifier, LogType="Tail")
    told = json.loads(reply["Payload"].read())
    log = base64.b64decode(reply["LogResult"]).decode().splitlines()

    assert reply["ExecutedVersion"] == told["version"] == "1"
    assert told["arn"] == f"{served.template.functions['live'].arn}:{qualifier}"
    assert "/[1]" in told["stream"]
    assert log[0].endswith(" Version: 1")


def test_the_function_itself_is_latest_in_a_process_of_its_own(client, served):
    told = json.loads(client.invoke(FunctionName="live")["Payload"].read())

    assert (told["version"], told["arn"]) == ("$LATEST", served.template.functions["live"].arn)
    assert "/[$LATEST]" in told["stream"]


def test_the_record_of_an_alias_names_it(client, served):
    reply = client.invoke(FunctionName="live:prod", InvocationType="Event", Payload=b'{"a": 1}')
    kept = Path(served.options.parameters["Kept"])
    eventually(kept.exists)
    eventually(lambda: kept.read_text().endswith("\n"))
    record = json.loads(kept.read_text())

    arn = f"{served.template.functions['live'].arn}:prod"
    assert record["requestContext"]["functionArn"] == record["responsePayload"]["arn"] == arn
    assert record["requestContext"]["requestId"] == reply["ResponseMetadata"]["RequestId"]
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "1"}


@pytest.mark.parametrize("payload", [b"NaN", b"[Infinity]", b'{"a": -Infinity}'])
def test_what_only_python_takes_for_json_is_refused(client, payload):
    with pytest.raises(client.exceptions.InvalidRequestContentException):
        client.invoke(FunctionName="live", Payload=payload)


@pytest.mark.parametrize(
    ("name", "constraint"),
    [
        ("live!", "Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?"),
        ("live:", "Member must satisfy regular expression pattern: "),
        ("arn:aws:sqs:us-east-1:000000000000:live", "Member must satisfy regular expression pattern: "),
        ("a" * 257, "Member must have length less than or equal to 256"),
    ],
)
def test_what_cannot_be_a_name_is_refused_with_the_rule(client, name, constraint):
    with pytest.raises(client.exceptions.ClientError) as caught:
        client.invoke(FunctionName=name)

    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"].startswith(
        f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: {constraint}"
    )


def test_an_answer_names_its_trace(client):
    headers = client.invoke(FunctionName="live")["ResponseMetadata"]["HTTPHeaders"]

    assert headers["x-amzn-trace-id"].startswith("Root=1-")


def test_versions_share_the_reserved_concurrency(tmp_path):
    (tmp_path / "template.yaml").write_text(TEMPLATE.replace("!Ref Kept", "none").partition("Parameters")[0])
    (tmp_path / "code.py").write_text("import time\ndef context(event, context):\n    time.sleep(0.3)\n")
    with serving(tmp_path / "data", tmp_path / "template.yaml") as runtime:
        first = runtime.begin("live:prod")
        eventually(lambda: runtime.runtime.status()["live"]["running"] == 1)
        with pytest.raises(Exception, match="live"):
            runtime.invoke("live")
        assert first.result(10).result.error is None


def test_two_edits_of_the_same_size_within_a_second_are_both_seen(tmp_path):
    """Python alone would take the bytecode of the first for that of the second."""
    (tmp_path / "template.yaml").write_text(TEMPLATE.replace("!Ref Kept", "none").partition("Parameters")[0])
    code = tmp_path / "code.py"
    with serving(tmp_path / "data", tmp_path / "template.yaml") as runtime:
        for number in (1, 2):
            code.write_text(f"def context(event, context):\n    return {number}\n")
            whole = int(code.stat().st_mtime)
            os.utime(code, (whole, whole))
            runtime.fresh("live")
            assert runtime.invoke("live").payload == number


def test_no_variable_comes_from_this_machine(tmp_path):
    (tmp_path / "template.yaml").write_text(TEMPLATE.replace("!Ref Kept", "none").partition("Parameters")[0])
    (tmp_path / "code.py").write_text("import os\ndef context(event, context):\n    return sorted(os.environ)\n")
    with serving(tmp_path / "data", tmp_path / "template.yaml") as runtime:
        names = set(runtime.invoke("live").payload)

    assert {name for name in names if not name.startswith(("AWS_", "_AWS_", "LAMBDA_"))} == {
        "LANG", "LD_LIBRARY_PATH", "PATH", "PWD", "TMPDIR", "TZ", "_HANDLER", "_X_AMZN_TRACE_ID",
    }  # fmt: skip
