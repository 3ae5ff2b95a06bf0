"""What functions ask of AWS: which permission on which resource, and the least policy for it."""

from __future__ import annotations

import json

import pytest

from emulator.aws.calls import Recorder
from emulator.aws.operations import Operation, of
from emulator.web.messages import Request

ARN = "arn:aws:%s:us-east-1:000000000000:%s"


def asked(service, method="POST", path="/", query="", body=b"", **headers):
    given = [("Host", "127.0.0.1:4566"), *((name.replace("_", "-"), value) for name, value in headers.items())]
    found = of(Request(method, path, query, given, body), service)
    return [(each.permission, each.resource) for each in found]


def target(name, body, service):
    return asked(service, body=json.dumps(body).encode(), X_Amz_Target=name, Content_Type="application/x-amz-json-1.0")


@pytest.mark.parametrize(
    ("service", "name", "body", "permission", "resource"),
    [
        (
            "sqs",
            "AmazonSQS.SendMessage",
            {"QueueUrl": "http://h/000000000000/q"},
            "sqs:SendMessage",
            ARN % ("sqs", "q"),
        ),
        (
            "dynamodb",
            "DynamoDB_20120810.PutItem",
            {"TableName": "t"},
            "dynamodb:PutItem",
            ARN % ("dynamodb", "table/t"),
        ),
        ("ssm", "AmazonSSM.GetParameter", {"Name": "/a/b"}, "ssm:GetParameter", ARN % ("ssm", "parameter/a/b")),
        (
            "events",
            "AWSEvents.PutEvents",
            {"Entries": [{"EventBusName": "b"}]},
            "events:PutEvents",
            ARN % ("events", "event-bus/b"),
        ),
        (
            "secretsmanager",
            "secretsmanager.GetSecretValue",
            {"SecretId": "s"},
            "secretsmanager:GetSecretValue",
            ARN % ("secretsmanager", "secret:s"),
        ),
        ("cloudtrail", "X.Y", {}, "cloudtrail:Y", "*"),
    ],
)
def test_json_services(service, name, body, permission, resource):
    assert target(name, body, service) == [(permission, resource)]


def test_form_services():
    form = b"Action=Publish&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3At&Message=m"

    assert asked("sns", body=form, Content_Type="application/x-www-form-urlencoded") == [
        ("sns:Publish", ARN % ("sns", "t"))
    ]
    assert asked("monitoring", path="/service/Granite/operation/PutMetricData") == [("cloudwatch:PutMetricData", "*")]
    assert asked("sns", body=b"\xff{", Content_Type="application/json") == [("sns:*", "*")]


@pytest.mark.parametrize(
    ("method", "path", "query", "found"),
    [
        ("GET", "/b/k%20l", "", [("s3:GetObject", "arn:aws:s3:::b/k l")]),
        ("HEAD", "/b/k", "", [("s3:GetObject", "arn:aws:s3:::b/k")]),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", [("s3:PutObject", "arn:aws:s3:::b/k")]),
        ("DELETE", "/b/k", "uploadId=u", [("s3:AbortMultipartUpload", "arn:aws:s3:::b/k")]),
        ("GET", "/b", "list-type=2&prefix=a", [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("POST", "/b", "delete", [("s3:DeleteObject", "arn:aws:s3:::b/*")]),
        ("PUT", "/b", "notification", [("s3:PutBucketNotification", "arn:aws:s3:::b")]),
        ("GET", "/", "", [("s3:ListAllMyBuckets", "*")]),
    ],
)
def test_objects_and_buckets(method, path, query, found):
    assert asked("s3", method, path, query) == found


def test_a_copy_reads_its_source_and_a_bucket_may_be_in_the_host():
    assert asked("s3", "PUT", "/b/k", X_Amz_Copy_Source="/from/a%20b") == [
        ("s3:PutObject", "arn:aws:s3:::b/k"),
        ("s3:GetObject", "arn:aws:s3:::from/a b"),
    ]
    request = Request("GET", "/k/l", headers=[("Host", "b.s3.localhost.localstack.cloud:4566")])
    assert [each.resource for each in of(request, "s3")] == ["arn:aws:s3:::b/k/l"]


@pytest.mark.parametrize(
    ("method", "path", "permission"),
    [
        ("POST", "/2015-03-31/functions/one/invocations", "lambda:InvokeFunction"),
        ("POST", "/2021-11-15/functions/one/response-streaming-invocations", "lambda:InvokeFunction"),
        ("GET", "/2015-03-31/functions/one", "lambda:GetFunction"),
        ("GET", "/2015-03-31/functions/", "lambda:ListFunctions"),
        ("POST", "/2015-03-31/event-source-mappings/", "lambda:CreateEventSourceMapping"),
        ("PUT", "/2015-03-31/event-source-mappings/id", "lambda:UpdateEventSourceMapping"),
    ],
)
def test_functions_and_mappings(method, path, permission):
    assert asked("lambda", method, path)[0][0] == permission


def test_the_policy_allows_what_was_called_and_nothing_else():
    recorder = Recorder({"KEY": "one"}.get)
    recorder.record("KEY", [Operation("sqs", "SendMessage", "arn:q"), Operation("sqs", "GetQueueUrl", "arn:q")])
    recorder.record("KEY", [Operation("sqs", "SendMessage", "arn:q"), Operation("sts", "GetCallerIdentity")])
    recorder.record("other", [Operation("sqs", "DeleteQueue", "arn:q")])

    assert recorder.policy("one") == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["sts:GetCallerIdentity"], "Resource": ["*"]},
            {"Effect": "Allow", "Action": ["sqs:GetQueueUrl", "sqs:SendMessage"], "Resource": ["arn:q"]},
        ],
    }
    assert {"action": "sqs:SendMessage", "resource": "arn:q", "count": 2} in recorder.calls("one")
    assert recorder.policy("two")["Statement"] == []


def test_endless_resources_become_any():
    recorder = Recorder({"KEY": "one"}.get)
    recorder.record("KEY", [Operation("s3", "GetObject", f"arn:{number}") for number in range(1000)])

    assert recorder.policy("one")["Statement"][0]["Resource"] == ["*"]
