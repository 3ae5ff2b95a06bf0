"""The event of a REST API, against what AWS was seen to send.

The paths and queries are those that LocalStack's project recorded on AWS in August 2024
(tests/aws/services/apigateway/test_apigateway_lambda.snapshot.json); the shape is that of Powertools' test events.
"""

from __future__ import annotations

import json
import re

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.parser.models import APIGatewayProxyEventModel

from emulator.testing import Client
from tests.unit.emulator.rest import client, echo

EVENTS = """
Proxy: { Type: Api, Properties: { RestApiId: !Ref Api, Path: "/{proxy+}", Method: any } }
Fixed: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /hardcoded, Method: get } }
Item: { Type: Api, Properties: { RestApiId: !Ref Api, Path: "/items/{id}", Method: get } }
"""

ENCODED = (
    "dateTimeOffset=2023-06-12T18:05:10.123456+00:00&email=test%2Balias@gmail.com&plus=test+alias@gmail.com"
    "&url=https://www.google.com/&whitespace=foo%20bar&zhash=abort/"
)


@pytest.fixture
def gateway(tmp_path):
    return client(tmp_path, events=EVENTS)


def event_of(gateway, path, method="GET", **given):
    return gateway.request(method, path, **given).json


@pytest.mark.parametrize(
    ("sent", "path", "context_path"),
    [
        ("/live/a/value", "/a/value", "/live/a/value"),
        ("/live/a/value/", "/a/value/", "/live/a/value/"),
        ("/live/a/value//double-slash", "/a/value//double-slash", "/live/a/value//double-slash"),
        ("//live/a/value", "/a/value", "/live/a/value"),
        ("/live//a/value", "/a/value", "/live//a/value"),
        ("/live/a/test%2Balias@gmail.com", "/a/test%2Balias@gmail.com", "/live/a/test%2Balias@gmail.com"),
    ],
)
def test_the_stage_is_part_of_the_context_s_path_only(tmp_path, sent, path, context_path):
    events = 'Proxy: { Type: Api, Properties: { RestApiId: !Ref Api, Path: "/a/{proxy+}", Method: get } }'
    event = event_of(client(tmp_path, events=events), sent)

    assert (event["path"], event["requestContext"]["path"]) == (path, context_path)
    assert event["pathParameters"] == {"proxy": path.removeprefix("/a/").rstrip("/")}


@pytest.mark.parametrize(
    ("sent", "path", "proxy"),
    [
        ("/proxy-value", "/proxy-value", "proxy-value"),
        ("/proxy-value/", "/proxy-value/", "proxy-value"),
        ("/proxy-value//double-slash", "/proxy-value//double-slash", "proxy-value//double-slash"),
        ("//proxy-value", "/proxy-value", "proxy-value"),
        ("/a/test%2Balias@gmail.com/b/c+d", "/a/test%2Balias@gmail.com/b/c+d", "a/test%2Balias@gmail.com/b/c+d"),
        ("/a%20b", "/a%20b", "a%20b"),
    ],
)
def test_a_greedy_parameter_is_neither_decoded_nor_cleaned_inside(gateway, sent, path, proxy):
    event = event_of(gateway, sent)

    assert (event["resource"], event["path"]) == ("/{proxy+}", path)
    assert event["pathParameters"] == {"proxy": proxy}
    assert event["requestContext"]["path"] == sent


def test_a_parameter_keeps_its_percent_signs(gateway):
    event = event_of(gateway, "/items/a%20b%2Fc/")

    assert (event["resource"], event["path"]) == ("/items/{id}", "/items/a%20b%2Fc/")
    assert event["pathParameters"] == {"id": "a%20b%2Fc"}


def test_a_literal_path_has_no_parameters(gateway):
    event = event_of(gateway, "//hardcoded")

    assert (event["resource"], event["path"], event["pathParameters"]) == ("/hardcoded", "/hardcoded", None)
    assert event["requestContext"]["path"] == "//hardcoded"


@pytest.mark.parametrize(
    ("query", "single", "multiple"),
    [
        ("urlparam=test", {"urlparam": "test"}, {"urlparam": ["test"]}),
        (
            ENCODED,
            {
                "dateTimeOffset": "2023-06-12T18:05:10.123456 00:00",
                "email": "test+alias@gmail.com",
                "plus": "test alias@gmail.com",
                "url": "https://www.google.com/",
                "whitespace": "foo bar",
                "zhash": "abort/",
            },
            None,
        ),
        (
            "category=electronics&category=books&price=10&price=20&price=30",
            {"category": "books", "price": "30"},
            {"category": ["electronics", "books"], "price": ["10", "20", "30"]},
        ),
        ("empty=&flag", {"empty": "", "flag": ""}, {"empty": [""], "flag": [""]}),
        ("a=1;b=2", {"a": "1", "b": "2"}, {"a": ["1"], "b": ["2"]}),
        ("A=1&a=2", {"A": "1", "a": "2"}, {"A": ["1"], "a": ["2"]}),
    ],
)
def test_queries_are_decoded_and_the_last_value_wins(gateway, query, single, multiple):
    event = event_of(gateway, f"/hardcoded?{query}")

    assert event["queryStringParameters"] == single
    assert event["multiValueQueryStringParameters"] == (multiple or {name: [value] for name, value in single.items()})


def test_absent_maps_are_null(gateway):
    event = event_of(gateway, "/hardcoded")

    for name in (
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
        "body",
    ):
        assert event[name] is None
    assert event["isBase64Encoded"] is False


def test_header_names_keep_the_case_of_the_client_but_for_three(gateway):
    sent = {"tEsT-HEADeR": "aValUE", "authorization": "random-value", "user-Agent": "tests"}
    event = event_of(gateway, "/hardcoded", headers=sent)

    assert event["headers"]["tEsT-HEADeR"] == "aValUE"
    assert event["multiValueHeaders"]["tEsT-HEADeR"] == ["aValUE"]
    assert (event["headers"]["Authorization"], event["headers"]["User-Agent"]) == ("random-value", "tests")
    assert event["requestContext"]["identity"]["userAgent"] == "tests"


def test_the_gateway_adds_where_the_request_came_from(gateway):
    headers = event_of(gateway, "/hardcoded", headers={"X-Forwarded-For": "1.2.3.4", "Host": "localhost:8000"})[
        "headers"
    ]

    assert headers["X-Forwarded-For"] == "1.2.3.4, 127.0.0.1"
    assert (headers["X-Forwarded-Port"], headers["X-Forwarded-Proto"]) == ("8000", "http")
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers["X-Amzn-Trace-Id"])


def test_a_given_trace_goes_on(gateway):
    trace = "Root=1-63441c4a-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"
    reply = gateway.request("GET", "/hardcoded", headers={"x-amzn-trace-id": trace})

    assert reply.json["headers"]["X-Amzn-Trace-Id"] == trace
    assert reply.headers["x-amzn-trace-id"] == "Root=1-63441c4a-abcdef012345678912345678"


@pytest.mark.parametrize(
    "name",
    ["Connection", "Content-Length", "Content-MD5", "Expect", "Max-Forwards", "Proxy-Authenticate", "Server", "TE",
     "Trailer", "Transfer-Encoding", "Upgrade", "WWW-Authenticate"],
)  # fmt: skip
def test_headers_of_the_connection_do_not_reach_the_function(gateway, name):
    event = event_of(gateway, "/hardcoded", headers={name: "x", "Via": "kept", "Referer": "kept"})

    assert name not in event["headers"]
    assert name not in event["multiValueHeaders"]
    assert (event["headers"]["Via"], event["headers"]["Referer"]) == ("kept", "kept")


def test_the_event_has_the_fields_of_aws_and_no_others(gateway):
    event = event_of(gateway, "/hardcoded", method="GET")

    assert set(event) == {
        "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
        "multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext", "body",
        "isBase64Encoded",
    }  # fmt: skip
    assert set(event["requestContext"]) == {
        "accountId", "apiId", "deploymentId", "domainName", "domainPrefix", "extendedRequestId", "httpMethod",
        "identity", "path", "protocol", "requestId", "requestTime", "requestTimeEpoch", "resourceId", "resourcePath",
        "stage",
    }  # fmt: skip
    assert set(event["requestContext"]["identity"]) == {
        "accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
        "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "sourceIp", "user", "userAgent", "userArn",
    }  # fmt: skip


def test_powertools_reads_the_event(gateway):
    sent = event_of(gateway, "/items/7?x=1&x=2", headers={"X-Some": "a"})
    event = APIGatewayProxyEvent(sent)

    assert (event.resource, event.path, event.http_method) == ("/items/{id}", "/items/7", "GET")
    assert event.resolved_query_string_parameters == {"x": ["1", "2"]}
    assert event.headers["X-Some"] == "a"
    assert event.request_context.identity.source_ip == "127.0.0.1"
    assert event.request_context.request_time == "14/Nov/2023:22:13:20 +0000"
    assert event.request_context.request_time_epoch == 1_700_000_000_000
    assert APIGatewayProxyEventModel.model_validate(sent).requestContext.stage == "live"


def test_bodies_are_text_unless_their_type_is_binary(tmp_path):
    gateway = client(tmp_path, api="BinaryMediaTypes: [image~1png, application/*]", events=EVENTS)

    def sent(body, kind):
        event = event_of(gateway, "/x", method="POST", body=body, headers={"Content-Type": kind})
        return event["body"], event["isBase64Encoded"]

    assert sent(b"\x89PNG", "image/PNG; q=1") == ("iVBORw==", True)
    assert sent(b"{}", "application/json") == ("e30=", True)
    assert sent(b"text", "text/plain") == ("text", False)
    assert sent(b"\xff", "text/plain") == ("�", False)


def test_every_type_is_binary_where_the_api_says_so(tmp_path):
    gateway = client(tmp_path, api="BinaryMediaTypes: ['*/*']", events=EVENTS)
    event = event_of(gateway, "/x", method="POST", body=b"text", headers={"Content-Type": "text/plain"})

    assert (event["body"], event["isBase64Encoded"]) == ("dGV4dA==", True)
    assert event_of(gateway, "/x")["isBase64Encoded"] is False


def test_stage_variables_come_from_the_api_and_the_globals(tmp_path):
    gateway = client(tmp_path, api="Variables: { color: blue, size: 7 }", events=EVENTS)

    assert event_of(gateway, "/hardcoded")["stageVariables"] == {"color": "blue", "size": "7"}


def test_the_stage_in_the_path_is_taken_only_where_no_route_has_it(tmp_path):
    events = """
    Here: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /live/here, Method: get } }
    There: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /here, Method: get } }
    """
    gateway = client(tmp_path, events=events)

    assert event_of(gateway, "/live/here")["resource"] == "/live/here"
    event = event_of(gateway, "/live/echo")
    assert (event["path"], event["requestContext"]["path"]) == ("/echo", "/live/echo")
    assert gateway.request("GET", "/lively/echo").status == 403
    assert gateway.request("GET", "/live").status == 403


def test_an_implicit_api_has_the_stage_prod(tmp_path):
    file = tmp_path / "template.yaml"
    file.write_text(
        "Globals: { Api: { Variables: { a: b } } }\n"
        "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: m.h,"
        " Events: {E: {Type: Api, Properties: {Path: /f, Method: GET}}}}}}"
    )
    event = Client(file, {"m.h": echo}).request("GET", "/f").json

    assert (event["requestContext"]["stage"], event["stageVariables"]) == ("Prod", {"a": "b"})


def test_ids_look_as_on_aws_and_are_told_to_the_client(gateway):
    reply = gateway.request("GET", "/hardcoded")
    context = reply.json["requestContext"]

    assert reply.headers["x-amzn-requestid"] == context["requestId"]
    assert reply.headers["x-amz-apigw-id"] == context["extendedRequestId"]
    assert len(context["resourceId"]) == len(context["deploymentId"]) == 6
    assert gateway.request("GET", "/hardcoded").json["requestContext"]["resourceId"] == context["resourceId"]


def test_an_event_over_six_megabytes_is_refused(gateway):
    reply = gateway.request("POST", "/x", body=b"x" * 6_300_000)

    assert (reply.status, reply.json) == (413, {"message": "Request Too Long"})


def test_a_head_request_is_its_own_method(gateway):
    assert gateway.request("HEAD", "/hardcoded").json["resource"] == "/{proxy+}"
    assert json.loads(gateway.request("HEAD", "/x").body)["httpMethod"] == "HEAD"


def test_a_client_may_override_the_method(gateway):
    event = event_of(gateway, "/hardcoded", method="POST", headers={"X-HTTP-Method-Override": "get"})

    assert (event["resource"], event["httpMethod"]) == ("/hardcoded", "GET")
    assert "X-HTTP-Method-Override" not in event["headers"]
