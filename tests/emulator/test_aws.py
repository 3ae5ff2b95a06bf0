"""Services of AWS on the edge port, with boto3: queues, topics, tables, parameters, secrets, buckets, recorded calls."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.server import Emulator
from emulator.testing import running
from tests.emulator.conftest import APPS, eventually, options, send

ARN = "arn:aws:%s:us-east-1:000000000000:%s"


def client(emulator: Emulator, service: str, key: str = "test", secret: str = "test", **config: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"http://localhost:{emulator.ports['edge']}",
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    data = tmp_path_factory.mktemp("aws")
    store = data / "secrets.yaml"
    store.write_text("{ ssm: { /stored: from-the-store }, secretsmanager: { kept: { user: ada } } }")
    store.chmod(0o600)
    with running(options(data, template=APPS / "aws" / "template.yaml", parameters={})) as served:
        yield served


def ask(emulator: Emulator, service: str, operation: str, **given: Any) -> Any:
    event = {"service": service, "operation": operation, "with": given, "answer": True}
    reply = client(emulator, "lambda").invoke(FunctionName="ask", Payload=json.dumps(event))
    answer = json.loads(reply["Payload"].read())
    assert "FunctionError" not in reply, answer
    return answer


def test_declared_resources_are_there_and_a_function_reaches_them(emulator):
    url = json.loads(
        client(emulator, "lambda").invoke(FunctionName="ask", Payload=b'{"do": "environ"}')["Payload"].read()
    )["QUEUE_URL"]
    ask(emulator, "sqs", "send_message", QueueUrl=url, MessageBody="hello")
    ask(emulator, "dynamodb", "put_item", TableName="Things", Item={"id": {"S": "1"}})
    ask(emulator, "sns", "publish", TopicArn=ARN % ("sns", "Topic"), Message="news")

    sqs = client(emulator, "sqs")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hello"
    dead = sqs.get_queue_url(QueueName="Dead")["QueueUrl"]
    assert dead == f"http://localhost:{emulator.ports['edge']}/000000000000/Dead"
    assert json.loads(sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"])["Message"] == "news"
    assert client(emulator, "dynamodb").scan(TableName="Things")["Items"] == [{"id": {"S": "1"}}]
    assert ask(emulator, "ssm", "get_parameter", Name="/level")["Parameter"]["Value"] == "debug"
    assert ask(emulator, "sts", "get_caller_identity")["Account"] == "000000000000"


def test_references_and_api_calls_find_the_same_values(emulator):
    stored = ask(emulator, "ssm", "get_parameter", Name="/stored", WithDecryption=True)["Parameter"]["Value"]
    kept = ask(emulator, "secretsmanager", "get_secret_value", SecretId="kept")["SecretString"]
    token = ask(emulator, "secretsmanager", "get_secret_value", SecretId=ARN % ("secretsmanager", "secret:token"))
    environment = json.loads(
        client(emulator, "lambda").invoke(FunctionName="ask", Payload=b'{"do": "environ"}')["Payload"].read()
    )

    assert stored == environment["STORED"] == "from-the-store"
    assert json.loads(kept) == {"user": "ada"}
    assert json.loads(token["SecretString"])["key"] == environment["TOKEN"] == "hush-hush"


def test_values_of_references_are_not_told(emulator):
    variables = client(emulator, "lambda").get_function_configuration(FunctionName="ask")["Environment"]["Variables"]

    assert {name for name, value in variables.items() if value == "***"} == {"PEPPER", "TOKEN", "STORED"}
    assert variables["PLAIN"] == "plain"
    assert "hush-hush" not in json.dumps(send(emulator.ports["edge"], "GET", "/_emulator/status").json)


def test_calls_of_a_function_become_its_least_policy(emulator):
    ask(emulator, "sqs", "get_queue_attributes", QueueUrl=f"{client(emulator, 'sqs').meta.endpoint_url}/0/jobs")
    client(emulator, "sqs").list_queues()

    allowed = emulator.aws_calls.policy("ask")["Statement"]
    assert {
        "Effect": "Allow",
        "Action": ["dynamodb:PutItem"],
        "Resource": [ARN % ("dynamodb", "table/Things")],
    } in allowed
    assert "sqs:ListQueues" not in json.dumps(allowed)
    assert ARN % ("sqs", "jobs") in json.dumps(allowed)
    assert emulator.aws_calls.policy("echo")["Statement"] == []


def test_a_failed_event_reaches_a_queue(emulator):
    client(emulator, "lambda").invoke(FunctionName="sad", InvocationType="Event", Payload=b'{"n": 1}')
    sqs = client(emulator, "sqs")
    url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    found: list[Any] = []

    def came() -> bool:
        found.extend(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", []))
        return any("RetriesExhausted" in each["Body"] for each in found)

    eventually(came)


def test_without_an_object_store_buckets_are_in_moto(emulator):
    for style in ("path", "virtual"):
        s3 = client(emulator, "s3", s3={"addressing_style": style})
        if style == "virtual":
            s3.meta.events.register("before-send", _to_loopback)
        s3.put_object(Bucket="papers", Key=f"a b/{style}", Body=b"text")
        assert s3.get_object(Bucket="papers", Key=f"a b/{style}")["Body"].read() == b"text"
        assert s3.head_object(Bucket="papers", Key=f"a b/{style}")["ContentLength"] == 4


def test_objects_in_moto_invoke_the_functions_that_asked(emulator):
    s3 = client(emulator, "s3")
    s3.put_object(Bucket="papers", Key="in box/a&b.txt", Body=b"text")
    s3.copy_object(Bucket="papers", Key="in box/copy", CopySource="papers/in box/a&b.txt")
    s3.delete_objects(Bucket="papers", Delete={"Objects": [{"Key": "in box/copy"}]})
    s3.put_object_tagging(Bucket="papers", Key="in box/a&b.txt", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.put_object(Bucket="papers", Key="elsewhere", Body=b"text")
    sqs = client(emulator, "sqs")
    url = sqs.get_queue_url(QueueName="seen")["QueueUrl"]
    seen: list[tuple[str, str, Any]] = []

    def came() -> bool:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            (record,) = json.loads(json.loads(message["Body"])["responsePayload"])["Records"]
            seen.append((record["eventName"], record["s3"]["object"]["key"], record["s3"]["object"].get("size")))
        return len(seen) >= 3

    eventually(came)
    assert sorted(seen) == [
        ("ObjectCreated:Copy", "in+box/copy", 4),
        ("ObjectCreated:Put", "in+box/a%26b.txt", 4),
        ("ObjectRemoved:Delete", "in+box/copy", None),
    ]


def _to_loopback(request, **_: Any) -> None:
    """Connect to the address that the name of a bucket's host resolves to, whatever resolver there is."""
    host = request.url.split("/")[2]
    request.headers["Host"] = host
    request.url = request.url.replace(host, f"127.0.0.1:{host.rpartition(':')[2]}", 1)


def test_what_is_not_emulated_says_so(emulator):
    with pytest.raises(ClientError) as caught:
        client(emulator, "cognito-idp").list_user_pools(MaxResults=1)

    assert caught.value.response["Error"]["Code"] == "NotImplemented"
    assert "cognito-idp is not emulated" in caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "text"),
    [
        ("GET", "/2015-03-31/functions/", {}, 403, "Missing Authentication Token"),
        ("POST", "/", {"X-Amz-Target": "AmazonSQS.ListQueues"}, 403, "MissingAuthenticationTokenException"),
        ("PUT", "/bucket/key", {}, 403, "<Code>AccessDenied</Code>"),
        ("POST", "/", {"Content-Type": "application/x-www-form-urlencoded"}, 403, "<Code>MissingAuthenticationToken</Code>"),
        ("GET", "/_localstack/health", {}, 200, '"lambda":"available"'),
    ],
)  # fmt: skip
def test_nothing_passes_unsigned(emulator, method, path, headers, status, text):
    answer = send(emulator.ports["edge"], method, path, None, headers)

    assert (answer.status, text in answer.body.decode()) == (status, True)


def test_moto_starts_again_after_its_death_and_ends_with_the_emulator(tmp_path):
    template = tmp_path / "template.yaml"
    template.write_text("Resources: { Queue: { Type: AWS::SQS::Queue, Properties: { QueueName: jobs } } }")
    with running(options(tmp_path / "data", template=template, parameters={})) as emulator:
        sqs = client(emulator, "sqs")
        assert emulator.aws.moto.pid is None
        sqs.get_queue_url(QueueName="jobs")
        first = emulator.aws.moto.pid
        os.kill(first, signal.SIGKILL)
        eventually(lambda: not psutil.pid_exists(first) or emulator.aws.moto.pid is None)

        sqs.get_queue_url(QueueName="jobs")
        second = emulator.aws.moto.pid
        assert second != first
    assert not psutil.pid_exists(second)


@pytest.mark.parametrize("how", [{"strict": True}, {"edge_host": "0.0.0.0"}])
def test_signatures_are_verified_where_that_is_asked_for_and_beyond_loopback(tmp_path, how):
    given = options(tmp_path, template=APPS / "basic" / "template.yaml", access_keys={"MINE": "right"}, **how)
    with running(given) as emulator:
        assert client(emulator, "lambda", "MINE", "right").list_functions()["Functions"]
        for key, secret, code in (
            ("MINE", "wrong", "InvalidSignatureException"),
            ("test", "test", "UnrecognizedClientException"),
        ):
            with pytest.raises(ClientError) as caught:
                client(emulator, "lambda", key, secret).list_functions()
            assert caught.value.response["Error"]["Code"] == code
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
        # A function signs with its own credentials.
        reply = client(emulator, "lambda", "MINE", "right").invoke(
            FunctionName="caller", Payload=b'{"name": "echo", "event": {}}'
        )
        assert "FunctionError" not in reply
