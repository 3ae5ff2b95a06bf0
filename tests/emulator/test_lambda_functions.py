"""The Lambda API in full, with boto3: qualifiers, streams, what is told about functions, and every refusal."""

from __future__ import annotations

import base64
import concurrent.futures
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.server import Emulator
from emulator.testing import running
from tests.emulator.conftest import APPS, boto_client, eventually, options, send

ARN = "arn:aws:lambda:us-east-1:000000000000:function:ask"
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=b"
}
INVOKE = "/2015-03-31/functions/echo/invocations"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    data = tmp_path_factory.mktemp("functions")
    (data / "secrets.yaml").write_text("/stored: from-the-store\n")
    (data / "secrets.yaml").chmod(0o600)
    with running(options(data, template=APPS / "aws" / "template.yaml", parameters={})) as served:
        yield served


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Any:
    return boto_client(emulator.ports["edge"])


def refused(call: Any, **given: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**given)
    error = caught.value.response["Error"]
    return caught.value.response["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error["Message"]


@pytest.mark.parametrize(
    ("given", "version", "arn"),
    [
        ({"FunctionName": "ask"}, "$LATEST", ARN),
        ({"FunctionName": "ask", "Qualifier": "$LATEST"}, "$LATEST", f"{ARN}:$LATEST"),
        ({"FunctionName": "ask", "Qualifier": "live"}, "1", f"{ARN}:live"),
        ({"FunctionName": "ask:1"}, "1", f"{ARN}:1"),
        ({"FunctionName": f"{ARN}:live", "Qualifier": "live"}, "1", f"{ARN}:live"),
        ({"FunctionName": "000000000000:function:ask"}, "$LATEST", ARN),
    ],
)
def test_a_qualifier_says_which_version_runs(client, given, version, arn):
    reply = client.invoke(Payload=b'{"do": "arn"}', **given)

    assert (reply["StatusCode"], reply["ExecutedVersion"]) == (200, version)
    assert json.loads(reply["Payload"].read()) == arn


@pytest.mark.parametrize(
    ("given", "status", "code", "message"),
    [
        ({"FunctionName": "ask", "Qualifier": "2"}, 404, "ResourceNotFoundException", f"Function not found: {ARN}:2"),
        ({"FunctionName": "nope"}, 404, "ResourceNotFoundException", "function:nope:$LATEST"),
        ({"FunctionName": "nope:live"}, 404, "ResourceNotFoundException", "function:nope:live"),
        ({"FunctionName": "ask:live", "Qualifier": "1"}, 400, "InvalidParameterValueException", "The derived qualifier"),
        (
            {"FunctionName": ARN.replace("us-east-1", "eu-west-1")},
            404,
            "ResourceNotFoundException",
            "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
        ),
        (
            {"FunctionName": "echo", "ClientContext": "e30"},
            400,
            "InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object.",
        ),
        ({"FunctionName": "echo", "Payload": b"{"}, 400, "InvalidRequestContentException", "Could not parse request body"),
        (
            {"FunctionName": "echo", "Payload": b'"' + b"x" * 6 * 1024 * 1024 + b'"'},
            413,
            "RequestTooLargeException",
            "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
        ),
        (
            {"FunctionName": "echo", "InvocationType": "Event", "Payload": b'"' + b"x" * 1024 * 1024 + b'"'},
            413,
            "RequestTooLargeException",
            "1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)",
        ),
    ],
)  # fmt: skip
def test_invokes_are_refused_in_lambdas_words(client, given, status, code, message):
    found = refused(client.invoke, **given)

    assert found[:2] == (status, code)
    assert message in found[2]


@pytest.mark.parametrize(
    ("headers", "status", "code", "text"),
    [
        ({"Content-Type": "text/xml"}, 415, "UnsupportedMediaTypeException", "Unsupported Media Type: text/xml"),
        (
            {"X-Amz-Invocation-Type": "Later"},
            400,
            "ValidationException",
            "Value 'Later' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set",
        ),
        ({"X-Amz-Log-Type": "Head"}, 400, "ValidationException", "Value 'Head' at 'logType'"),
    ],
)
def test_headers_are_checked(emulator, headers, status, code, text):
    answer = send(emulator.ports["edge"], "POST", INVOKE, "{}", {**SIGNED, **headers})

    assert (answer.status, answer.headers["x-amzn-errortype"]) == (status, code)
    assert text in answer.json["message"]


def test_the_three_types_of_invocation(client, emulator):
    assert client.invoke(FunctionName="echo", InvocationType="DryRun")["StatusCode"] == 204
    later = client.invoke(FunctionName="echo", InvocationType="Event", Payload=b"{}")
    assert (later["StatusCode"], later["Payload"].read()) == (202, b"")
    assert send(emulator.ports["edge"], "POST", INVOKE, "", SIGNED).json == {}


def test_the_log_comes_with_the_answer(client):
    reply = client.invoke(FunctionName="echo", LogType="Tail", Payload=b"{}")
    log = base64.b64decode(reply["LogResult"]).decode()

    assert log.startswith("START RequestId: ")
    assert "REPORT RequestId: " in log
    assert "LogResult" not in client.invoke(FunctionName="echo", Payload=b"{}")


def test_a_throttled_invoke_says_why_and_when(client, emulator):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.invoke, FunctionName="ask", Payload=b'{"do": "wait"}')
        eventually(lambda: emulator.runtime.status()["ask"]["running"] == 1)
        found: list[Any] = []

        def throttled() -> bool:
            try:
                client.invoke(FunctionName="ask", Payload=b'{"do": "arn"}')
            except client.exceptions.TooManyRequestsException as refusal:
                found.append(refusal.response)
            return bool(found)

        eventually(throttled)
        first.result()

    assert found[0]["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert (found[0]["Error"]["Message"], found[0]["Type"]) == ("Rate Exceeded.", "User")
    assert found[0]["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert found[0]["retryAfterSeconds"] == "1"


def test_the_old_asynchronous_invoke(client):
    assert client.invoke_async(FunctionName="echo", InvokeArgs=b"{}")["Status"] == 202
    status, code, message = refused(
        client.invoke_async, FunctionName="echo", InvokeArgs=b'"' + b"x" * 256 * 1024 + b'"'
    )
    assert (status, code) == (413, "RequestTooLargeException")
    assert "limit 262144 bytes" in message


def test_an_answer_can_be_streamed(client):
    reply = client.invoke_with_response_stream(FunctionName="echo", Payload=b'{"a": "\xc3\xa9"}', LogType="Tail")
    events = list(reply["EventStream"])

    assert (reply["StatusCode"], reply["ExecutedVersion"]) == (200, "$LATEST")
    assert reply["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    assert json.loads(events[0]["PayloadChunk"]["Payload"]) == {"a": "é"}
    assert b"REPORT" in base64.b64decode(events[1]["InvokeComplete"]["LogResult"])

    (failed,) = client.invoke_with_response_stream(FunctionName="sad", Payload=b"{}")["EventStream"]
    assert failed["InvokeComplete"]["ErrorCode"] == "Unhandled"
    assert json.loads(failed["InvokeComplete"]["ErrorDetails"])["errorMessage"] == "as asked"


def test_functions_are_listed_page_by_page(client, emulator):
    first = client.list_functions(MaxItems=3)
    second = client.list_functions(MaxItems=3, Marker=first["NextMarker"])
    names = [each["FunctionName"] for each in (*first["Functions"], *second["Functions"])]
    every = client.get_paginator("list_functions").paginate(FunctionVersion="ALL").build_full_result()["Functions"]

    assert names == ["ask", "echo", "sad", "watch"]
    assert "NextMarker" not in second
    assert {each["FunctionArn"] for each in every} >= {f"{ARN}:$LATEST", f"{ARN}:1"}
    assert refused(client.list_functions, Marker="?")[1] == "InvalidParameterValueException"
    answer = send(emulator.ports["edge"], "GET", "/2015-03-31/functions/?MaxItems=0", None, SIGNED)
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, "ValidationException")


def test_everything_that_is_known_of_a_function_is_told(client):
    found = client.get_function(FunctionName="ask")
    told = client.get_function_configuration(FunctionName="ask")

    told.pop("ResponseMetadata")
    assert found["Configuration"] == told
    assert found["Tags"] == {"team": "blue"}
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 1}
    assert found["Code"]["RepositoryType"] == "S3"
    known = {
        "FunctionName": "ask",
        "FunctionArn": ARN,
        "Handler": "handlers.ask",
        "Runtime": "python3.13",
        "Description": "asks services",
        "Timeout": 20,
        "MemorySize": 128,
        "Version": "$LATEST",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/ask"},
        "Role": "arn:aws:iam::000000000000:role/AskRole",
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }
    assert known.items() <= told.items()
    assert {"CodeSha256", "CodeSize", "LastModified", "RevisionId", "RuntimeVersionConfig"} <= told.keys()


def test_versions_and_aliases_are_told(client):
    assert client.get_function_configuration(FunctionName="ask", Qualifier="live")["Version"] == "1"
    assert [each["Version"] for each in client.list_versions_by_function(FunctionName="ask")["Versions"]] == [
        "$LATEST",
        "1",
    ]
    (alias,) = client.list_aliases(FunctionName="ask")["Aliases"]
    assert (alias["Name"], alias["FunctionVersion"], alias["AliasArn"]) == ("live", "1", f"{ARN}:live")
    assert client.get_alias(FunctionName="ask", Name="live")["AliasArn"] == alias["AliasArn"]
    assert refused(client.get_alias, FunctionName="ask", Name="nope") == (
        404,
        "ResourceNotFoundException",
        f"Cannot find alias arn: {ARN}:nope",
    )


def test_what_surrounds_a_function_is_told(client):
    config = client.get_function_event_invoke_config(FunctionName="sad")

    assert client.get_function_concurrency(FunctionName="ask")["ReservedConcurrentExecutions"] == 1
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName="echo")
    assert client.list_tags(Resource=ARN)["Tags"] == {"team": "blue"}
    assert config["MaximumRetryAttempts"] == 0
    assert config["DestinationConfig"]["OnFailure"]["Destination"].endswith(":jobs")
    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 999
    assert refused(client.get_policy, FunctionName="ask")[:2] == (404, "ResourceNotFoundException")
    assert refused(client.get_function_url_config, FunctionName="ask")[:2] == (404, "ResourceNotFoundException")
    assert (
        "doesn't have an EventInvokeConfig" in refused(client.get_function_event_invoke_config, FunctionName="echo")[2]
    )
    assert refused(client.get_function, FunctionName="nope")[2].endswith("function:nope")


def test_what_the_template_decides_cannot_be_changed(client):
    for call, given in (
        (client.delete_function, {"FunctionName": "ask"}),
        (client.put_function_concurrency, {"FunctionName": "ask", "ReservedConcurrentExecutions": 1}),
        (client.publish_layer_version, {"LayerName": "x", "Content": {}}),
    ):
        status, code, message = refused(call, **given)
        assert (status, code) == (501, "NotImplementedException")
        assert message.endswith("is not emulated.")


def test_mappings_are_made_listed_changed_and_deleted(client):
    source = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["127.0.0.1:1"]}}
    made = client.create_event_source_mapping(
        FunctionName="echo", SelfManagedEventSource=source, Topics=["orders"], Enabled=False, StartingPosition="LATEST"
    )
    uuid = made["UUID"]

    def state() -> str:
        return str(client.get_event_source_mapping(UUID=uuid)["State"])

    assert (made["ResponseMetadata"]["HTTPStatusCode"], made["State"]) == (202, "Creating")
    eventually(lambda: state() == "Disabled")
    assert [each["UUID"] for each in client.list_event_source_mappings(FunctionName="echo")["EventSourceMappings"]] == [
        uuid
    ]
    assert client.update_event_source_mapping(UUID=uuid, BatchSize=7)["State"] == "Updating"
    eventually(lambda: state() == "Disabled")
    assert client.get_event_source_mapping(UUID=uuid)["BatchSize"] == 7
    assert client.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    eventually(lambda: not client.list_event_source_mappings()["EventSourceMappings"])
    assert refused(client.get_event_source_mapping, UUID=uuid) == (
        404,
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
    )
    assert refused(
        client.create_event_source_mapping, FunctionName="nope", SelfManagedEventSource=source, Topics=["a"]
    )[1] == ("InvalidParameterValueException")
