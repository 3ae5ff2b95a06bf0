"""HTTP in, Lambda event out, and back, through real sockets and processes."""

from __future__ import annotations

import base64
import json
import re
import socket
import time

import pytest

from emulator.testing import running
from tests.emulator.conftest import options, send


def test_a_route_is_answered_by_its_function(gateway):
    reply = gateway("GET", "/hello")

    assert (reply.status, reply.json) == (200, {"path": "/hello"})
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-amzn-requestid"]
    assert reply.headers["x-amzn-trace-id"].startswith("Root=1-")


def test_the_event_holds_everything_of_the_request(gateway):
    reply = gateway("POST", "/echo/a%20b?x=1&x=2&y=", "text", {"X-Some": "1", "User-Agent": "tests"})
    event = reply.json

    assert event["resource"] == "/echo/{id}"
    assert event["path"] == "/echo/a%20b"
    assert event["pathParameters"] == {"id": "a%20b"}
    assert event["queryStringParameters"] == {"x": "2", "y": ""}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"], "y": [""]}
    assert event["headers"]["X-Some"] == "1"
    assert event["multiValueHeaders"]["X-Some"] == ["1"]
    assert (event["body"], event["isBase64Encoded"]) == ("text", False)
    context = event["requestContext"]
    assert context["requestId"] == reply.headers["x-amzn-requestid"]
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["identity"]["userAgent"] == "tests"
    assert context["resourcePath"] == "/echo/{id}"
    assert context["stage"] == "live"
    assert abs(context["requestTimeEpoch"] / 1000 - time.time()) < 60
    assert "authorizer" not in context


def test_absent_maps_are_null(gateway):
    event = gateway("GET", "/echo").json

    for name in (
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
        "body",
    ):
        assert event[name] is None


def test_a_greedy_route_takes_the_rest_of_the_path(gateway):
    event = gateway("GET", "/rest/a/b/c/").json

    assert event["path"] == "/rest/a/b/c/"
    assert event["pathParameters"] == {"proxy": "a/b/c"}


def test_an_unknown_route_answers_as_the_template_says(gateway):
    for method, path in (("GET", "/nowhere"), ("DELETE", "/hello")):
        reply = gateway(method, path)

        assert reply.status == 404
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json == {"code": "not_found", "instance": reply.headers["x-amzn-requestid"]}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        "text",
        None,
        {"statusCode": "many"},
        {"statusCode": 200, "wrongValue": 1},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "multiValueHeaders": {"A": "b"}},
        {"statusCode": 200, "headers": {"A": "b\r\nInjected: yes"}},
    ],
)
def test_an_answer_that_is_no_proxy_answer_is_a_502(gateway, answer):
    reply = gateway("POST", "/answer", json.dumps(answer))

    assert (reply.status, reply.json) == (502, {"message": "Internal server error"})


def test_answers_are_mapped(gateway):
    answer = {"statusCode": "201", "headers": {"A": True}, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}}
    reply = gateway("POST", "/answer", answer)

    assert (reply.status, reply.body, reply.headers["a"]) == (201, b"", "true")
    assert reply.headers["content-type"] == "application/json"


def test_binary_bodies_follow_the_declared_types(gateway, emulator):
    png = b"\x89PNG\x00\xff"
    event = gateway("POST", "/echo", png, {"Content-Type": "image/png"}).json
    assert (base64.b64decode(event["body"]), event["isBase64Encoded"]) == (png, True)

    answer = {"statusCode": 200, "isBase64Encoded": True, "body": base64.b64encode(png).decode()}
    assert gateway("POST", "/answer", answer, {"Accept": "image/png"}).body == png
    assert gateway("POST", "/answer", answer).body == base64.b64encode(png)


def test_a_failing_function_is_a_502(gateway):
    assert gateway("POST", "/behave", {"do": "raise"}).status == 502
    assert gateway("POST", "/behave", {"do": "exit"}).status == 502


def test_a_function_slower_than_the_gateway_is_a_504(tmp_path):
    with running(options(tmp_path, integration_s=0.4)) as emulator:
        reply = send(emulator.ports["all"], "POST", "/behave", {"do": "sleep", "seconds": 0.8})

    assert (reply.status, reply.json) == (504, {"message": "Endpoint request timed out"})


def test_a_function_that_lambda_does_not_run_is_a_500(tmp_path):
    template = tmp_path / "template.yaml"
    template.write_text(
        "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: m.h,"
        " ReservedConcurrentExecutions: 0, Events: {E: {Type: Api, Properties: {Path: /f, Method: GET}}}}}}"
    )
    with running(options(tmp_path, template=template)) as emulator:
        reply = send(emulator.ports["all"], "GET", "/f")

    assert (reply.status, reply.json) == (500, {"message": "Internal server error"})


def test_a_route_has_its_own_limit_and_time(tmp_path):
    template = tmp_path / "template.yaml"
    template.write_text(
        "Resources:\n"
        "  Api: {Type: AWS::Serverless::Api, Properties: {StageName: live, MethodSettings: [{ResourcePath: /~1f,"
        " HttpMethod: GET, ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 1}]}}\n"
        "  F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: m.h, Events: {E: {Type: Api,"
        " Properties: {RestApiId: !Ref Api, Path: /f, Method: GET, TimeoutInMillis: 300}}}}}"
    )
    (tmp_path / "m.py").write_text("import time\ndef h(event, context):\n    time.sleep(2)\n")
    with running(options(tmp_path, template=template)) as emulator:
        slow = send(emulator.ports["all"], "GET", "/f")
        again = send(emulator.ports["all"], "GET", "/f")

    assert (slow.status, slow.json) == (504, {"message": "Endpoint request timed out"})
    assert (again.status, again.json) == (429, {"message": "Too Many Requests"})
    assert again.headers["x-amzn-errortype"] == "TooManyRequestsException"


def test_preflights_are_answered_where_the_api_declares_cors(tmp_path):
    template = tmp_path / "template.yaml"
    template.write_text(
        "Globals: {Api: {Cors: {AllowOrigin: \"'https://a.example'\", AllowMethods: \"'GET'\"}}}\n"
        "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: m.h,"
        " Events: {E: {Type: Api, Properties: {Path: '/f/{id}', Method: GET}}}}}}"
    )
    with running(options(tmp_path, template=template)) as emulator:
        reply = send(emulator.ports["all"], "OPTIONS", "/f/1")
        assert send(emulator.ports["all"], "OPTIONS", "/g").status == 403

    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == "https://a.example"


def test_a_domain_has_a_port_of_its_own(emulator):
    assert send(emulator.ports["greetings"], "GET", "/hello").status == 200
    assert send(emulator.ports["greetings"], "GET", "/echo").status == 404
    assert send(emulator.ports["echoes"], "GET", "/echo").status == 200


def test_a_body_over_ten_megabytes_is_refused(gateway):
    reply = gateway("POST", "/echo", b"x" * (10 * 1024 * 1024 + 1))

    assert reply.status == 413


def test_a_chunked_body_arrives_whole_and_its_size_is_limited(emulator):
    def chunked(total: int) -> bytes:
        with socket.create_connection(("127.0.0.1", emulator.ports["all"]), timeout=10) as connection:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
            chunk = b"x" * 100_000
            try:
                for _ in range(total // len(chunk)):
                    connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                connection.sendall(b"0\r\n\r\n")
            except OSError:
                return b""
            return connection.recv(12)

    assert chunked(1_000_000) == b"HTTP/1.1 200"
    assert chunked(12_000_000) in (b"HTTP/1.1 413", b"")


def test_malformed_and_oversized_heads_are_refused(emulator):
    def raw(data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", emulator.ports["all"]), timeout=10) as connection:
            connection.sendall(data)
            return connection.recv(12)

    assert raw(b"nonsense\r\n\r\n") == b"HTTP/1.1 400"
    assert raw(b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"x" * 40_000 + b"\r\n\r\n") == b"HTTP/1.1 431"


def test_pipelined_requests_are_answered_in_order(emulator):
    request = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", emulator.ports["all"]), timeout=10) as connection:
        connection.sendall(request * 3 + last)
        received = b""
        while part := connection.recv(65_536):
            received += part

    statuses = re.findall(rb"HTTP/1\.1 (\d+)", received)
    assert statuses == [b"200", b"200", b"200", b"404"]


def test_files_are_served_where_no_route_matches(gateway):
    page = gateway("GET", "/page/")

    assert (page.status, page.body) == (200, b"<h1>hi</h1>")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert gateway("GET", "/one.json").headers["content-type"] == "application/json"
    assert gateway("HEAD", "/one.json").body == b""


@pytest.mark.parametrize("path", ["/page/../notes", "/page/%2e%2e/emulator/lock", "/page//etc/passwd", "/page/%00"])
def test_files_outside_a_mount_are_not_served(gateway, path):
    assert gateway("GET", path).status == 404


def test_a_host_that_is_not_this_machine_is_refused(gateway):
    assert gateway("GET", "/hello", headers={"Host": "evil.example"}).status == 403
    assert gateway("GET", "/hello", headers={"Host": "evil.example:8000"}).status == 403
    assert gateway("GET", "/hello", headers={"Host": "localhost:1"}).status == 200
    assert gateway("GET", "/hello", headers={"Host": "[::1]:1"}).status == 200
