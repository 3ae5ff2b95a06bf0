"""From a function's answer to the client's response."""

from __future__ import annotations

import base64

import pytest

from emulator.rest.answers import response_of
from emulator.rest.refusals import Refused
from emulator.runtime.results import UNHANDLED, Result
from emulator.template import Api
from tests.unit.emulator.rest import client

BODY = base64.b64encode(b"test-data").decode()


@pytest.fixture
def gateway(tmp_path):
    return client(tmp_path)


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        ({"statusCode": 200}, 200, b""),
        ({"statusCode": "201"}, 201, b""),
        ({"headers": {"test-header": "value"}}, 200, b""),
        ({"statusCode": None, "body": "x"}, 200, b"x"),
        ({"statusCode": 200, "headers": None, "multiValueHeaders": None, "body": None}, 200, b""),
        ({"statusCode": 200, "body": BODY}, 200, BODY.encode()),
        ({"statusCode": 200, "body": BODY, "isBase64Encoded": True}, 200, BODY.encode()),
        ({"statusCode": 204}, 204, b""),
        ({"statusCode": 599, "body": "é"}, 599, "é".encode()),
    ],
)
def test_what_a_proxy_answer_may_be(gateway, answer, status, body):
    reply = gateway.request("POST", "/answer", body=answer)

    assert (reply.status, reply.body) == (status, body)
    assert reply.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        "justAString",
        None,
        [],
        7,
        {"statusCode": "test"},
        {"statusCode": True},
        {"statusCode": 99},
        {"statusCode": 600},
        {"statusCode": 200, "wrongValue": "value"},
        {"statusCode": 200, "cookies": ["a=1"]},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "body": 7},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a": ["b"]}},
        {"statusCode": 200, "headers": {"a": "b\r\nInjected: yes"}},
        {"statusCode": 200, "headers": {"a b": "c"}},
        {"statusCode": 200, "multiValueHeaders": {"test-multi-invalid": "value1"}},
    ],
)
def test_everything_else_is_a_502(gateway, answer):
    reply = gateway.request("POST", "/answer", body="null" if answer is None else answer)

    assert (reply.status, reply.json) == (502, {"message": "Internal server error"})
    assert reply.headers["x-amzn-errortype"] == "InternalServerErrorException"


def headers_of(answer):
    return response_of(Result(answer.encode()), None, Api()).headers


def test_headers_are_merged_as_recorded_on_aws():
    assert headers_of('{"headers": {"test-header": "value", "header-bool": true, "n": 7}}') == [
        ("test-header", "value"), ("header-bool", "true"), ("n", "7"), ("Content-Type", "application/json"),
    ]  # fmt: skip
    both = '{"multiValueHeaders": {"tesT-Multi": ["value-multi"]}, "headers": {"test-multi": "value-solo"}}'
    assert headers_of(both)[:2] == [("tesT-Multi", "value-multi"), ("tesT-Multi", "value-solo")]
    assert headers_of('{"multiValueHeaders": {"A": ["1", "2"]}, "headers": {"content-type": "text/plain"}}') == [
        ("A", "1"), ("A", "2"), ("content-type", "text/plain"),
    ]  # fmt: skip


def test_some_headers_are_remapped_and_some_lost():
    for name in ("Authorization", "Connection", "Content-MD5", "Date", "Max-Forwards", "Server", "User-Agent"):
        assert headers_of(f'{{"headers": {{"{name}": "x"}}}}')[0] == (f"x-amzn-Remapped-{name}", "x")
    assert headers_of('{"headers": {"WWW-Authenticate": "Basic"}}')[0] == ("x-amzn-Remapped-WWW-Authenticate", "Basic")
    for name in ("Expect", "Host", "Proxy-Authenticate", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Via"):
        assert headers_of(f'{{"headers": {{"{name}": "x"}}}}') == [("Content-Type", "application/json")]
    kept = '{"headers": {"Location": "/a", "Content-Encoding": "gzip", "Set-Cookie": "a=1", "ETag": "1", "Age": "1"}}'
    assert len(headers_of(kept)) == 6


@pytest.mark.parametrize(
    ("accept", "types", "binary"),
    [
        ("image/png", ("image/png",), True),
        ("IMAGE/PNG;q=0.8", ("image/png",), True),
        ("image/png, text/html", ("image/png",), True),
        ("text/html, image/png", ("image/png",), False),
        ("*/*", ("image/png",), False),
        ("image/webp", ("image/*",), True),
        ("*/*", ("*/*",), True),
        (None, ("*/*",), True),
        (None, ("image/png",), False),
        (None, ("application/json",), True),
        ("image/png", (), False),
    ],
)
def test_base64_is_decoded_only_for_a_client_that_accepts_binary_first(accept, types, binary):
    answer = Result(f'{{"statusCode": 200, "isBase64Encoded": true, "body": "{BODY}"}}'.encode())
    response = response_of(answer, accept, Api(binary_types=types))

    assert response.body == (b"test-data" if binary else BODY.encode())


def test_a_body_that_is_not_the_base64_that_it_says_is_a_500():
    answer = Result(b'{"statusCode": 200, "isBase64Encoded": true, "body": "?"}')

    with pytest.raises(Refused) as caught:
        response_of(answer, "image/png", Api(binary_types=("image/png",)))

    assert (caught.value.refusal.kind, caught.value.refusal.status) == ("API_CONFIGURATION_ERROR", 500)


def test_a_function_s_error_is_a_502_and_its_document_stays_inside():
    with pytest.raises(Refused) as caught:
        response_of(Result(b'{"errorMessage": "secret"}', UNHANDLED), None, Api())

    assert caught.value.refusal.body == '{"message": "Internal server error"}'
