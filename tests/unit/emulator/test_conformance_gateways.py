"""Answers of gateways, to the letter: cases that AWS's own test tool for .NET holds against real APIs, and others.

https://github.com/aws/aws-lambda-dotnet/tree/master/Tools/LambdaTestTool-v2/tests
"""

from __future__ import annotations

import asyncio
import re

import pytest

from emulator.web.guard import guarded
from emulator.web.messages import Request, Response, origin_form
from tests.unit.emulator.http import gateway, of
from tests.unit.emulator.rest import client

ID = r"[A-Za-z0-9_\-]{15}="
TRACE = r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=1:[0-9a-f]{8}:0"
FIRST = 'One: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /one, Method: ANY, PayloadFormatVersion: "1.0" } }'


def answered(tmp_path, answer, path="/echo"):
    return gateway(tmp_path, events=FIRST, echo=lambda event: answer).send("GET", path)


def rest(tmp_path, answer):
    return client(tmp_path).request("POST", "/answer", body=answer)


def test_headers_of_a_rest_answer_have_the_form_of_aws(tmp_path):
    headers = rest(tmp_path, {"statusCode": 200, "body": "Test body"}).headers

    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers["x-amzn-requestid"])
    assert re.fullmatch(ID, headers["x-amz-apigw-id"])
    assert re.fullmatch(TRACE, headers["x-amzn-trace-id"])
    assert headers["content-type"] == "application/json"


def test_a_preflight_has_no_function_to_tell_of(tmp_path):
    reply = client(tmp_path, api="Cors: \"'*'\"").request("OPTIONS", "/answer")

    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, b"{}\n", "application/json")
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", reply.headers["x-amzn-trace-id"])


def test_a_rest_api_writes_its_own_failure_with_a_space(tmp_path):
    reply = rest(tmp_path, {"statusCode": 0, "body": "{}"})

    assert (reply.status, reply.body) == (502, b'{"message": "Internal server error"}')


@pytest.mark.parametrize("path", ["/one", "/echo"])
def test_an_http_api_writes_its_own_failure_without_one(tmp_path, path):
    response = answered(tmp_path, {"statusCode": 0, "body": "{}"}, path)

    assert (response.status, response.body) == (500, b'{"message":"Internal Server Error"}')
    assert re.fullmatch(ID, of(response, "apigw-requestid")[0])


def test_format_1_joins_single_and_multi_value_headers(tmp_path):
    answer = {
        "statusCode": 200,
        "multiValueHeaders": {"Combined": ["multi-1", "multi-2"]},
        "headers": {"Combined": "single", "Content-Type": "application/json"},
    }

    assert of(answered(tmp_path, answer, "/one"), "combined") == ["multi-1", "multi-2", "single"]


@pytest.mark.parametrize(
    ("payload", "body"),
    [
        (b'{"name": "John Doe", "age":', b'{"name": "John Doe", "age":'),
        (b'{"name": "John Doe", "age": 30}', b'{"name": "John Doe", "age": 30}'),
        (b"[1, 2, 3, 4, 5]", b"[1, 2, 3, 4, 5]"),
        (b"Hello, World!", b"Hello, World!"),
        (b"42", b"42"),
        (b'"test"', b"test"),
        (b'""', b""),
        (b'"Special \\"quoted\\" text"', b'Special "quoted" text'),
        (b'{"key" : "value", "headers" : {"content-type": "application/xml"}}',) * 2,
    ],
)
def test_format_2_takes_anything_without_a_status_for_the_body(tmp_path, payload, body):
    response = answered(tmp_path, payload)

    assert (response.status, of(response, "content-type"), response.body) == (200, ["application/json"], body)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a?b=http://c/d", "/a?b=http://c/d"),
        ("http://localhost:8000/a/b?c=d", "/a/b?c=d"),
        ("http://localhost", "/"),
        ("https://localhost?a=b", "/?a=b"),
        ("*", "*"),
    ],
)
def test_a_target_may_have_scheme_and_host(target, path):
    assert origin_form(target) == path


@pytest.mark.parametrize(
    ("host", "edge", "status"),
    [
        ("abc123.execute-api.eu-west-1.amazonaws.com", False, 200),
        ("abc123.lambda-url.eu-west-1.on.aws", False, 200),
        ("abc123.execute-api.eu-west-1.amazonaws.com", True, 403),
        ("amazonaws.com.example.org", False, 403),
        ("abc123.execute-api.eu-west-1.amazonaws.com.example.org", False, 403),
    ],
)
def test_a_gateway_answers_to_the_names_of_apis(host, edge, status):
    async def handler(request):
        return Response(200)

    request = Request("GET", "/", headers=[("Host", host)])

    assert asyncio.run(guarded(handler, origins=edge)(request)).status == status
