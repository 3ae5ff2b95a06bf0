"""HTTP APIs and function URLs over HTTP, with real function processes."""

from __future__ import annotations

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2, LambdaFunctionUrlEvent
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator.testing import running
from tests.emulator.conftest import APPS, options, send

TEMPLATE = APPS / "http" / "template.yaml"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    data = tmp_path_factory.mktemp("http")
    files = data / "files"
    files.mkdir()
    (files / "page.html").write_text("<h1>hi</h1>")
    given = options(data, template=TEMPLATE, parameters={}, domain_ports={"answers": 0}, static={"/": files})
    with running(given) as emulator:
        yield emulator


@pytest.fixture
def call(served):
    return lambda method, path, body=None, headers=None: send(served.ports["all"], method, path, body, headers)


def test_a_route_gets_an_event_of_format_2(call):
    headers = {"X-Twice": "a", "Cookie": "one=1; two=2", "User-Agent": "tests", "Content-Type": "application/json"}

    reply = call("POST", "/items/a%20b?q=1&q=2&r=%26", {"a": 1}, headers)

    event = APIGatewayProxyEventV2(reply.json)
    assert (reply.status, event.version, event.route_key) == (200, "2.0", "ANY /items/{id}")
    assert (event.raw_path, event.raw_query_string) == ("/items/a b", "q=1&q=2&r=%26")
    assert event.cookies == ["one=1", "two=2"]
    assert "cookie" not in event.headers
    assert event.headers["x-twice"] == "a"
    assert event.query_string_parameters == {"q": "1,2", "r": "&"}
    assert event.path_parameters == {"id": "a b"}
    assert event.stage_variables == {"colour": "blue"}
    assert (event.json_body, event.is_base64_encoded) == ({"a": 1}, False)
    context = event.request_context
    assert (context.stage, context.api_id, context.http.method, context.http.user_agent) == (
        "$default",
        "Api",
        "POST",
        "tests",
    )
    assert context.request_id == reply.headers["apigw-requestid"]


def test_a_route_may_ask_for_format_1(call):
    event = call("GET", "/old?q=1&q=2").json

    assert (event["version"], event["resource"], event["path"]) == ("1.0", "/old", "/old")
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"]}
    assert (event["pathParameters"], event["body"]) == (None, None)


def test_a_named_stage_is_a_prefix_and_part_of_the_path(call):
    event = call("GET", "/prod/deep/er/still").json

    assert (event["rawPath"], event["pathParameters"]) == ("/prod/deep/er/still", {"proxy": "er/still"})
    assert event["requestContext"]["stage"] == "prod"
    assert call("GET", "/deep/er").status == 404


def test_an_unknown_route_is_not_found_and_files_are_served_before(call):
    reply = call("GET", "/nothing")

    assert (reply.status, reply.json) == (404, {"message": "Not Found"})
    assert call("DELETE", "/answer").status == 404
    assert call("GET", "/page.html").body == b"<h1>hi</h1>"


@pytest.mark.parametrize(
    ("told", "status", "body"),
    [
        ({"answer": {"hello": "world"}}, 200, b'{"hello": "world"}'),
        ({"answer": "text"}, 200, b"text"),
        ({"answer": {"statusCode": "418", "body": "x"}}, 418, b"x"),
        ({"answer": {"statusCode": 700}}, 500, b'{"message":"Internal Server Error"}'),
        ({"raise": "broken"}, 500, b'{"message":"Internal Server Error"}'),
    ],
)
def test_answers_are_inferred_or_read(call, told, status, body):
    reply = call("POST", "/answer", told, {"Content-Type": "application/json"})

    assert (reply.status, reply.body) == (status, body)


def test_an_integration_that_takes_too_long_is_unavailable(call):
    reply = call("POST", "/quick", {"sleep": 1.0}, {"Content-Type": "application/json"})

    assert (reply.status, reply.json) == (503, {"message": "Service Unavailable"})


def test_a_simple_response_lets_in_or_refuses(call):
    inside = call("GET", "/simple", headers={"Authorization": "let me in"})

    assert inside.json["requestContext"]["authorizer"] == {"lambda": {"tier": 3, "tags": ["a"]}}
    assert call("GET", "/simple", headers={"Authorization": "please"}).json == {"message": "Forbidden"}
    assert call("GET", "/simple").json == {"message": "Unauthorized"}
    assert call("GET", "/simple", headers={"Authorization": "raise"}).status == 500


def test_a_signed_request_gets_through(call, served):
    reply = call("GET", "/signed", headers=_signed(served.ports["all"], "/signed", "execute-api"))

    assert reply.json["requestContext"]["authorizer"]["iam"]["accessKey"] == "local"
    assert call("GET", "/signed").json == {"message": "Forbidden"}
    assert call("GET", "/signed", headers=_signed(served.ports["all"], "/signed", "s3")).status == 403


def test_the_api_answers_preflights_and_replaces_the_functions_cors_headers(call):
    asked = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}

    preflight, simple = call("OPTIONS", "/answer", headers=asked), call("GET", "/items/1", headers=asked)

    assert (preflight.status, preflight.body) == (204, b"")
    assert preflight.headers["access-control-allow-methods"] == "GET,POST"
    assert preflight.headers["access-control-max-age"] == "300"
    assert simple.headers["access-control-allow-origin"] == "https://page.example"
    assert simple.headers["access-control-allow-credentials"] == "true"
    assert simple.headers["access-control-expose-headers"] == "x-own"
    foreign = call("GET", "/items/1", headers={"Origin": "https://other.example"})
    assert "access-control-allow-origin" not in foreign.headers


def test_a_body_over_10_mb_is_refused_as_an_http_api_does(call):
    reply = call("POST", "/answer", b"x" * (10 * 1024 * 1024 + 1))

    assert (reply.status, reply.json) == (413, {"message": "Request Entity Too Large"})


def test_a_domain_port_serves_that_domains_routes_only(served):
    port = served.ports["answers"]

    assert send(port, "POST", "/answer", {"answer": 1}, {"Content-Type": "application/json"}).body == b"1"
    assert send(port, "GET", "/items/1").status == 404


def test_a_function_url_is_told_by_its_host(call, served):
    host = _host(served, "echo")

    reply = call("GET", "/a%20b?x=1", headers={"Host": host, "Cookie": "c=1"})

    event = LambdaFunctionUrlEvent(reply.json)
    assert (event.raw_path, event.route_key, event.request_context.http.path) == ("/a%20b", "$default", "/a b")
    assert (event.request_context.account_id, event.cookies) == ("anonymous", ["c=1"])
    assert event.request_context.domain_prefix == host.partition(".")[0]
    assert reply.headers["x-amzn-requestid"] == event.request_context.request_id
    unknown = call("GET", "/", headers={"Host": "nobody.lambda-url.localhost"})
    assert (unknown.status, unknown.json) == (403, {"Message": None})


def test_a_function_url_adds_its_cors_headers(call, served):
    asked = {"Host": _host(served, "echo"), "Origin": "https://page.example"}

    preflight = call("OPTIONS", "/", headers={**asked, "Access-Control-Request-Method": "POST"})
    denied = call("OPTIONS", "/", headers={**asked, "Access-Control-Request-Method": "DELETE"})

    assert (preflight.status, preflight.headers["access-control-allow-methods"]) == (200, "GET,POST")
    assert (denied.status, "access-control-allow-origin" in denied.headers) == (200, False)
    assert call("GET", "/", headers=asked).headers["access-control-allow-origin"] == "https://page.example"


def test_a_function_url_with_iam_asks_for_a_signature(call, served):
    host = _host(served, "answer")

    unsigned = call("POST", "/", {"answer": 1}, {"Host": host})
    signed = _signed(served.ports["all"], "/", "lambda", host=host)
    failed = call("POST", "/", {"raise": "no"}, {**signed, "Content-Type": "application/json"})

    assert (unsigned.status, unsigned.json) == (403, {"Message": "Forbidden"})
    assert (failed.status, failed.body) == (502, b"Internal Server Error")


@pytest.mark.parametrize("how", [{"strict": True}, {"host": "0.0.0.0"}], ids=["strict", "beyond loopback"])
def test_where_signatures_are_verified_a_wrong_secret_is_refused(tmp_path, how):
    given = options(tmp_path, template=TEMPLATE, parameters={}, **how)
    with running(given) as served:
        port, host = served.ports["all"], _host(served, "answer")
        secrets = (given.credentials[1], "local")
        to_route = [_signed(port, "/signed", "execute-api", secret=each) for each in secrets]
        to_url = [_signed(port, "/", "lambda", host=host, secret=each) for each in secrets]

        assert [send(port, "GET", "/signed", headers=each).status for each in to_route] == [200, 403]
        assert [send(port, "GET", "/", headers=each).status == 403 for each in to_url] == [False, True]


def _host(served, name):
    status = send(served.ports["edge"], "GET", "/_emulator/status").json
    return status["urls"][name].removeprefix("http://").rstrip("/")


def _signed(port, path, service, host=None, secret="local"):
    request = AWSRequest("GET", f"http://{host or f'127.0.0.1:{port}'}{path}")
    SigV4Auth(Credentials("local", secret), service, "us-east-1").add_auth(request)
    return {**dict(request.headers), **({"Host": host} if host else {})}
