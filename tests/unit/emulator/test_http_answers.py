"""From a function's answer to a response, of an HTTP API in both formats and of a function URL."""

from __future__ import annotations

import pytest

from emulator.runtime.results import Throttled
from tests.unit.emulator.http import gateway, of

OLD = "Old: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /old, Method: GET, PayloadFormatVersion: '1.0' } }"
FAILED = b'{"message":"Internal Server Error"}'
TEXT, JSON = "text/plain; charset=utf-8", "application/json"


def url_host(http):
    return f"{http.template.http.urls[0].id}.lambda-url.localhost"


def answered(tmp_path, answer, target="/echo", url=False):
    http = gateway(tmp_path, events=OLD, function="FunctionUrlConfig: { AuthType: NONE }", echo=lambda event: answer)
    host = {"host": url_host(http)} if url else {}
    return http.send("GET", target, headers=host)


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ({"message": "hi"}, b'{"message": "hi"}'),
        ("Hello from Lambda!", b"Hello from Lambda!"),
        (42, b"42"),
        (True, b"true"),
        ([1, 2], b"[1, 2]"),
        (None, b"null"),
        ({}, b"{}"),
        ({"body": "x", "headers": {}}, b'{"body": "x", "headers": {}}'),
        (b"{broken", b"{broken"),
    ],
)
@pytest.mark.parametrize("url", [False, True])
def test_without_a_status_code_the_answer_is_the_body(tmp_path, answer, body, url):
    response = answered(tmp_path, answer, url=url)

    assert (response.status, response.body, of(response, "content-type")) == (200, body, [JSON])


@pytest.mark.parametrize(
    ("answer", "status", "body", "kind"),
    [
        ({"statusCode": 200, "body": "x"}, 200, b"x", TEXT),
        ({"statusCode": "201"}, 201, b"", TEXT),
        ({"statusCode": 200, "headers": {"content-type": "text/html"}, "body": "<p>"}, 200, b"<p>", "text/html"),
        ({"statusCode": 200, "body": "AAH/", "isBase64Encoded": True}, 200, b"\x00\x01\xff", TEXT),
        ({"statusCode": 200, "body": None, "headers": None, "cookies": None}, 200, b"", TEXT),
        ({"statusCode": 200.5}, 500, FAILED, JSON),
        ({"statusCode": "ok"}, 500, FAILED, JSON),
        ({"statusCode": True}, 500, FAILED, JSON),
        ({"statusCode": 99}, 500, FAILED, JSON),
        ({"statusCode": 200, "body": {"a": 1}}, 500, FAILED, JSON),
        ({"statusCode": 200, "body": "?", "isBase64Encoded": True}, 500, FAILED, JSON),
        ({"statusCode": 200, "headers": {"a": []}}, 500, FAILED, JSON),
        ({"statusCode": 200, "headers": {"a b": "c"}}, 500, FAILED, JSON),
        ({"statusCode": 200, "headers": {"a": "b\r\nc: d"}}, 500, FAILED, JSON),
        ({"statusCode": 200, "headers": []}, 500, FAILED, JSON),
        ({"statusCode": 200, "cookies": "a=1"}, 500, FAILED, JSON),
    ],
)
def test_an_answer_with_a_status_code_is_read(tmp_path, answer, status, body, kind):
    response = answered(tmp_path, answer)

    assert (response.status, response.body, of(response, "content-type")) == (status, body, [kind])
    assert len(of(response, "apigw-requestid")) == 1


def test_header_values_become_text_and_cookies_come_first(tmp_path):
    answer = {
        "statusCode": 200,
        "cookies": ["a=1; Path=/", "b=2"],
        "headers": {"x-n": 1, "x-b": False, "Set-Cookie": "c=3"},
    }

    response = answered(tmp_path, answer)

    assert (of(response, "x-n"), of(response, "x-b")) == (["1"], ["false"])
    assert of(response, "set-cookie") == ["a=1; Path=/", "b=2", "c=3"]


@pytest.mark.parametrize("answer", [{"message": "hi"}, "text", None, {"body": "x"}])
def test_format_1_infers_nothing(tmp_path, answer):
    response = answered(tmp_path, answer, "/old")

    assert (response.status, response.body) == (500, FAILED)


def test_format_1_has_multi_value_headers(tmp_path):
    answer = {
        "statusCode": 200,
        "multiValueHeaders": {"X-A": ["1", 2]},
        "headers": {"x-a": "3", "x-b": "4"},
        "body": "x",
    }

    response = answered(tmp_path, answer, "/old")

    assert (of(response, "x-a"), of(response, "x-b"), of(response, "content-type")) == (["1", "2", "3"], ["4"], [TEXT])


def test_a_failed_function_is_500_behind_an_api_and_502_behind_a_url(tmp_path):
    def broken(event):
        raise ValueError("no")

    http = gateway(tmp_path, function="FunctionUrlConfig: { AuthType: NONE }", echo=broken)
    url = http.send("GET", "/", headers={"host": url_host(http)})

    assert http.send("GET", "/echo").body == FAILED
    assert (url.status, url.body, of(url, "content-type")) == (502, b"Internal Server Error", [JSON])


def test_a_throttled_function_is_503_behind_an_api_and_429_behind_a_url(tmp_path):
    def busy(event):
        raise Throttled("Echo")

    http = gateway(tmp_path, function="FunctionUrlConfig: { AuthType: NONE }", echo=busy)
    route, url = http.send("GET", "/echo"), http.send("GET", "/", headers={"host": url_host(http)})

    assert (route.status, route.body) == (503, b'{"message":"Service Unavailable"}')
    assert (url.status, url.body) == (429, b'{"Message":"Too Many Requests"}')


@pytest.mark.parametrize(
    ("answer", "status", "body", "header"),
    [
        ({"statusCode": 200, "body": {"not": "text"}}, 200, b'{"not":"text"}', None),
        (
            {"statusCode": 200, "body": "!!!not-base64!!!", "isBase64Encoded": True},
            200,
            b"\x9e\x8b~m\xab\x1e\xeb",
            None,
        ),
        ({"statusCode": 200, "headers": {"x-own": {"bad": True}}, "body": "b"}, 200, b"b", "{bad=true}"),
        ({"statusCode": 200, "headers": {"x-own": [1, None]}}, 200, b"", "[1, null]"),
        ({"statusCode": 700, "body": "x"}, 502, b"Internal Server Error", None),
        ({"statusCode": 200, "headers": 7}, 502, b"Internal Server Error", None),
    ],
)
def test_a_function_url_takes_more_than_an_api(tmp_path, answer, status, body, header):
    response = answered(tmp_path, answer, url=True)

    assert (response.status, response.body) == (status, body)
    assert of(response, "x-own") == ([] if header is None else [header])
    assert of(response, "content-type") == [JSON]


def test_a_body_over_6_mb_is_too_large_for_a_function_url(tmp_path):
    http = gateway(tmp_path, function="FunctionUrlConfig: { AuthType: NONE }")
    host = {"host": url_host(http)}

    response = http.send("POST", "/", b"x" * (6 * 1024 * 1024 + 1), host)

    assert (response.status, response.body) == (413, b'{"Message":"Request Entity Too Large"}')


def test_an_event_over_6_mb_is_too_large_for_a_function(tmp_path):
    response = gateway(tmp_path).send("POST", "/echo", b"x" * (5 * 1024 * 1024))

    assert (response.status, response.body) == (413, b'{"message":"Request Entity Too Large"}')
