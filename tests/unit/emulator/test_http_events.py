"""Events of HTTP APIs and function URLs: every field, as in what AWS recorded."""

from __future__ import annotations

import base64

import pytest
from aws_lambda_powertools.utilities.data_classes import (
    APIGatewayProxyEvent,
    APIGatewayProxyEventV2,
    LambdaFunctionUrlEvent,
)

from emulator.clock import ManualClock
from tests.unit.emulator.http import gateway

CLOCK = 1_583_348_638.390
CONTEXT = [
    "accountId",
    "apiId",
    "domainName",
    "domainPrefix",
    "http",
    "requestId",
    "routeKey",
    "stage",
    "time",
    "timeEpoch",
]
OLD = "Old: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: '/old/{id}', Method: GET, PayloadFormatVersion: '1.0' } }"


@pytest.fixture
def http(tmp_path):
    return gateway(
        tmp_path,
        api="StageVariables: { stageVariable1: value1 }",
        events=OLD + "\nItem: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: '/my/{name}', Method: POST } }",
        function="FunctionUrlConfig: { AuthType: NONE }",
        clock=ManualClock(CLOCK),
    )


def test_an_event_has_the_fields_of_aws_and_no_others(http):
    event = http.event("GET", "/echo", headers={"User-Agent": "curl/7.58.0", "Accept": "*/*"}, source_ip="1.2.3.4")

    assert sorted(event) == [
        "headers", "isBase64Encoded", "rawPath", "rawQueryString", "requestContext", "routeKey", "stageVariables", "version",
    ]  # fmt: skip
    assert sorted(event["requestContext"]) == CONTEXT
    assert event["requestContext"]["http"] == {
        "method": "GET",
        "path": "/echo",
        "protocol": "HTTP/1.1",
        "sourceIp": "1.2.3.4",
        "userAgent": "curl/7.58.0",
    }
    assert sorted(event["headers"]) == [
        "accept", "content-length", "host", "user-agent", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port",
        "x-forwarded-proto",
    ]  # fmt: skip
    assert event["headers"]["content-length"] == "0"
    assert event["headers"]["x-forwarded-port"] == "8000"
    assert event["headers"]["x-amzn-trace-id"].startswith("Root=1-")


def test_a_full_event_reads_as_the_recorded_one(http):
    event = APIGatewayProxyEventV2(
        http.event(
            "POST",
            "/my/path?parameter1=value1&parameter1=value2&parameter2=value",
            b'{"message": "hello world"}',
            [
                ("Cookie", "cookie1; cookie2"),
                ("Header1", "value1"),
                ("Header2", "value1"),
                ("header2", "value2"),
                ("Content-Type", "application/json"),
                ("Connection", "keep-alive"),
            ],
        )
    )

    assert (event.version, event.route_key, event.raw_path) == ("2.0", "POST /my/{name}", "/my/path")
    assert event.raw_query_string == "parameter1=value1&parameter1=value2&parameter2=value"
    assert event.cookies == ["cookie1", "cookie2"]
    assert (event.headers["header1"], event.headers["header2"]) == ("value1", "value1,value2")
    assert {"cookie", "connection"}.isdisjoint(event.headers)
    assert event.query_string_parameters == {"parameter1": "value1,value2", "parameter2": "value"}
    assert event.path_parameters == {"name": "path"}
    assert event.stage_variables == {"stageVariable1": "value1"}
    assert event.json_body == {"message": "hello world"}
    context = event.request_context
    assert (context.account_id, context.api_id, context.domain_name) == ("000000000000", "Api", "localhost")
    assert (context.time, context.time_epoch) == ("04/Mar/2020:19:03:58 +0000", 1583348638390)
    assert len(context.request_id) == 16
    assert context.request_id.endswith("=")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("Text/CSV", True),
        ("application/xml", True),
        ("application/javascript", True),
        ("application/x-www-form-urlencoded", False),
        ("application/vnd.api+json", False),
        ("multipart/form-data; boundary=x", False),
        ("image/png", False),
        (None, False),
    ],
)
def test_only_text_types_are_not_base64(http, kind, text):
    event = http.event("POST", "/echo", "grüß".encode(), {} if kind is None else {"Content-Type": kind})

    assert event["isBase64Encoded"] is not text
    body = event["body"] if text else base64.b64decode(event["body"]).decode()
    assert body == "grüß"


def test_text_that_is_not_utf8_is_base64(http):
    event = http.event("POST", "/echo", b"\xff\xfe", {"Content-Type": "text/plain"})

    assert (event["isBase64Encoded"], event["body"]) == (True, "//4=")


@pytest.mark.parametrize(
    ("given", "raw"),
    [("/my/a%20b", "/my/a b"), ("/my/a%252Fb", "/my/a%252Fb"), ("/my/%C3%BC", "/my/ü"), ("/my/a+b", "/my/a+b")],
)
def test_the_raw_path_is_decoded_all_but_percent_signs(http, given, raw):
    event = http.event("POST", given)

    assert event["rawPath"] == event["requestContext"]["http"]["path"] == raw


def test_query_values_are_decoded_and_joined(http):
    event = http.event("GET", "/echo?a=1%2C2&a=%C3%BC+x&b&c=&=d&&e=f=g")

    assert event["queryStringParameters"] == {"a": "1,2,ü x", "b": "", "c": "", "": "d", "e": "f=g"}
    assert event["rawQueryString"] == "a=1%2C2&a=%C3%BC+x&b&c=&=d&&e=f=g"


def test_format_1_has_its_fields_and_null_for_what_is_absent(http):
    event = http.event("GET", "/old/7?q=1&q=2", headers=[("X-A", "1"), ("x-a", "2")])

    assert sorted(event) == sorted(
        [
            "version", "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
            "multiValueQueryStringParameters", "requestContext", "pathParameters", "stageVariables", "body", "isBase64Encoded",
        ]
    )  # fmt: skip
    parsed = APIGatewayProxyEvent(event)
    assert (parsed.version, parsed.resource, parsed.path) == ("1.0", "/old/{id}", "/old/7")
    assert (event["headers"]["x-a"], event["multiValueHeaders"]["x-a"]) == ("2", ["1", "2"])
    assert event["queryStringParameters"] == {"q": "2"}
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"]}
    assert (event["body"], event["isBase64Encoded"], event["pathParameters"]) == (None, False, {"id": "7"})
    context = event["requestContext"]
    assert context["authorizer"] == {"claims": None, "scopes": None}
    assert (context["resourceId"], context["resourcePath"], context["stage"]) == (None, "/old/{id}", "$default")
    assert (context["requestTime"], context["requestTimeEpoch"]) == ("04/Mar/2020:19:03:58 +0000", 1583348638390)
    assert sorted(context["identity"]) == [
        "accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
        "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "sourceIp", "user", "userAgent", "userArn",
    ]  # fmt: skip


def host(http):
    return f"{http.template.http.urls[0].id}.lambda-url.localhost:8000"


def test_the_event_of_a_function_url_is_that_of_aws(http):
    event = http.event("GET", "/", headers={"host": host(http), "User-Agent": "agent", "Cookie": "a=1; b=2"})

    assert sorted(event) == [
        "cookies", "headers", "isBase64Encoded", "rawPath", "rawQueryString", "requestContext", "routeKey", "version",
    ]  # fmt: skip
    assert sorted(event["requestContext"]) == CONTEXT
    parsed = LambdaFunctionUrlEvent(event)
    assert (parsed.request_context.account_id, parsed.request_context.stage) == ("anonymous", "$default")
    assert parsed.request_context.api_id == parsed.request_context.domain_prefix == http.template.http.urls[0].id
    assert parsed.cookies == ["a=1", "b=2"]


def test_a_function_url_keeps_its_path_encoded_and_has_no_length_without_a_body(http):
    event = http.event("OPTIONS", "/a%20b", headers={"host": host(http)})

    assert (event["rawPath"], event["requestContext"]["http"]["path"]) == ("/a%20b", "/a b")
    assert "content-length" not in event["headers"]
